"""Which objects belong to a stack: the published ApplySet labels (Kubernetes' KEP-3659).

The parent, a ConfigMap in the stack's namespace, remembers the kinds and namespaces of the
members; each member carries the set's ID as a label. kubectl's own --prune (alpha) is not used: it
deletes before the new pods are ready, and takes over whatever carries the label.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.errors import InvalidError, Problem, refuse
from kubia.live import managed_fields
from kubia.manifests.meta import RETAIN
from kubia.manifests.names import labels_problems, record_name
from kubia.program.objects import ObjectRef

ID = "applyset.kubernetes.io/id"
PART_OF = "applyset.kubernetes.io/part-of"
TOOLING = "applyset.kubernetes.io/tooling"
GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds"
NAMESPACES = "applyset.kubernetes.io/additional-namespaces"
MOVING_TO = "kubia.io/moving-to"
"""Annotation of a parent: the engine that the stack goes to, as long as it is on its way."""
STACK = "kubia.io/stack"
PROJECT = "kubia.io/project"
PROTECT = "kubia.io/protect"
"""Annotation of an object that Pulumi's option `protect` shields; it outlives its declaration."""

GroupKind = tuple[str, str]


@dataclass(frozen=True)
class Parent:
    """A set as its parent object remembers it: where to look for members."""

    name: str
    namespace: str
    group_kinds: frozenset[GroupKind] = frozenset()
    namespaces: frozenset[str] = frozenset()
    moving_to: str = ""

    @property
    def key(self) -> ObjectRef:
        """The parent object's key."""
        return ObjectRef("", "ConfigMap", self.namespace, self.name)

    @property
    def id(self) -> str:
        """The set's ID: a hash of the parent's identity, as the specification defines it."""
        identity = f"{self.name}.{self.namespace}.ConfigMap."
        digest = hashlib.sha256(identity.encode()).digest()
        return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"

    def holding(self, keys: Iterable[ObjectRef]) -> "Parent":
        """Return the same set holding exactly these members."""
        members = frozenset(keys)
        return replace(
            self,
            group_kinds=frozenset((key.group, key.kind) for key in members),
            namespaces=frozenset(key.namespace for key in members if key.namespace),
        )

    def joined(self, other: "Parent") -> "Parent":
        """Return the same set looking also where `other` looks."""
        return replace(
            self,
            group_kinds=self.group_kinds | other.group_kinds,
            namespaces=self.namespaces | other.namespaces,
        )

    def manifest(self, project: str, stack: str, tooling: str) -> dict[str, Any]:
        """Return the parent object."""
        others = sorted(self.namespaces - {self.namespace})
        annotations = {
            TOOLING: tooling,
            GROUP_KINDS: ",".join(sorted(_written(kind) for kind in self.group_kinds)),
            NAMESPACES: ",".join(others),
        }
        if self.moving_to:
            annotations[MOVING_TO] = self.moving_to
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": {ID: self.id, PROJECT: project, STACK: stack},
                "annotations": annotations,
            },
        }


def parent(project: str, stack: str, namespace: str) -> Parent:
    """Return the parent of a stack's set in a namespace, not holding anything yet.

    Raises:
        InvalidError: the cluster could not keep the names of project and stack.

    """
    refuse(
        Problem((), f"{problem}: give it another name, or use the pulumi engine.")
        for kind, name in (("project", project), ("stack", stack))
        for problem in labels_problems(kind, {"name": name})
    )
    return Parent(record_name(project, stack), namespace)


def selector(project: str, stack: str) -> str:
    """Return the label selector that finds a stack's parents in all namespaces."""
    return f"{PROJECT}={project},{STACK}={stack},{ID}"


def members(identifier: str) -> str:
    """Return the label selector that finds a set's members."""
    return f"{PART_OF}={identifier}"


def read(live: Mapping[str, Any]) -> Parent:
    """Return the set that a live parent object remembers."""
    metadata = live["metadata"]
    annotations = metadata.get("annotations", {})
    return Parent(
        metadata["name"],
        metadata["namespace"],
        frozenset(_read(text) for text in _split(annotations.get(GROUP_KINDS, ""))),
        frozenset({metadata["namespace"], *_split(annotations.get(NAMESPACES, ""))}),
        annotations.get(MOVING_TO, ""),
    )


def owner(live: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return project and stack of a record; None if nobody knows.

    Labels that somebody has edited are no longer our manager's, so they do not tell.
    """
    labels = live["metadata"].get("labels", {})
    applied = managed_fields.applied(live, FIELD_MANAGER) or {}
    written = applied.get("f:metadata", {}).get("f:labels", {})
    if not {f"f:{PROJECT}", f"f:{STACK}"} <= written.keys():
        return None
    return labels.get(PROJECT), labels.get(STACK)


def refuse_anothers(live: Mapping[str, Any], project: str, stack: str) -> None:
    """Refuse the record of a stack that comes to the same name, as `a-b` and `c`, `a` and `b-c`.

    Both would be one set, and either would delete what the other has.

    Raises:
        InvalidError: it is another stack's.

    """
    known = owner(live)
    if known and known != (project, stack):
        problem = (
            f"{ObjectRef.of(live)} is the record of stack {known[1]} of project "
            f"{known[0]}, and stack {stack} of project {project} would have the same: "
            "let it be in another namespace, or give it another name."
        )
        raise InvalidError([problem])


def part_of(live: Mapping[str, Any]) -> str:
    """Return the ID of the set that the object says it belongs to, or ""."""
    return str((live["metadata"].get("labels") or {}).get(PART_OF, ""))


def member(manifest: Mapping[str, Any], identifier: str, *, protect: bool) -> dict[str, Any]:
    """Return the manifest as a member of the set."""
    metadata = {**manifest["metadata"]}
    metadata["labels"] = {**metadata.get("labels", {}), PART_OF: identifier}
    if protect:
        metadata["annotations"] = {**metadata.get("annotations", {}), PROTECT: "true"}
    return {**manifest, "metadata": metadata}


def is_protected(live: Mapping[str, Any]) -> bool:
    """Whether the live object must not be deleted."""
    return (live["metadata"].get("annotations") or {}).get(PROTECT) == "true"


def is_retained(live: Mapping[str, Any]) -> bool:
    """Whether the object holds data, and so outlives its declaration: no release deletes it."""
    annotations = live["metadata"].get("annotations") or {}
    return RETAIN.items() <= annotations.items()


def is_ours(live: Mapping[str, Any]) -> bool:
    """Whether we, and not somebody who copied the labels, made the object a member."""
    fields = managed_fields.applied(live, FIELD_MANAGER) or {}
    return f"f:{PART_OF}" in fields.get("f:metadata", {}).get("f:labels", {})


def _written(kind: GroupKind) -> str:
    group, name = kind
    return f"{name}.{group}" if group else name


def _read(text: str) -> GroupKind:
    name, _, group = text.partition(".")
    return group, name


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]
