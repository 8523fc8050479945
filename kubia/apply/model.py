"""What a stack should be, and what an `up` would change: the words that this room shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kubia.apply import applyset, ignored
from kubia.apply.applyset import Parent
from kubia.apply.diff import Field
from kubia.live.left_alone import Left
from kubia.program.objects import Manifest, ObjectRef

Action = Literal["create", "update", "unchanged", "delete"]


@dataclass(frozen=True)
class DesiredState:
    """The stack as its engine sees it. `parent` is its set, as yet holding nothing.

    `has_set` is False for a stack that Pulumi keeps: its objects carry no mark of ours.
    """

    project: str
    stack: str
    parent: Parent
    manifests: tuple[Manifest, ...]
    has_set: bool = True

    def applied(
        self, manifest: Manifest, live: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Return the declared object as the stack's engine writes it over the live one."""
        declared = manifest.object
        if live is not None:
            declared = ignored.left_alone(declared, live, ignored.paths(manifest))
        if not self.has_set:
            return declared
        protect = manifest.resource.options.protect
        return applyset.member(declared, self.parent.id, protect=protect)


@dataclass(frozen=True)
class Change:
    """What happens to one object. `manifest` is as it is applied, with the set's label.

    What is created in place of older content `replaces` it; `fields` then compare the content.
    Where there is a `first`, that is applied in its place, and `manifest` when all else is done.
    `force`: the number of pods is taken back from an autoscaler that is gone by then.
    `again`: a Job that has failed is deleted first.
    `takeover` says of an object that others manage what stays theirs; None: it is ours already.
    """

    action: Action
    key: ObjectRef
    manifest: Mapping[str, Any] = field(default_factory=dict)
    uid: str = ""
    fields: tuple[Field, ...] = ()
    replaces: ObjectRef | None = None
    first: Mapping[str, Any] | None = None
    force: bool = False
    again: bool = False
    takeover: frozenset[Left] | None = None


@dataclass(frozen=True)
class Refusal:
    """An object that the cluster would not take. `problem` is a sentence that says how to go on."""

    problem: str
    is_conflict: bool = False


@dataclass(frozen=True)
class Plan:
    """All objects in the order of applying, then those to delete.

    `kept` carry the set's label but were not put there by us. `in_use` are no longer declared, but
    needed by pods that this does not replace; `shared` are such namespaces that hold others'
    objects, `retained` what holds data. `parents` are the stack's live sets, `notes` what else is
    to be known.
    """

    desired: DesiredState
    changes: tuple[Change, ...]
    kept: tuple[ObjectRef, ...]
    parents: tuple[Parent, ...]
    in_use: tuple[ObjectRef, ...] = ()
    shared: tuple[ObjectRef, ...] = ()
    retained: tuple[ObjectRef, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def staying(self) -> tuple[ObjectRef, ...]:
        """What is no longer declared and stays all the same."""
        return (*self.in_use, *self.shared, *self.retained)

    @property
    def standing(self) -> tuple[ObjectRef, ...]:
        """The Deployments whose pods would be new ones, were their rollouts not paused."""
        return tuple(change.key for change in self._standing)

    @property
    def halting(self) -> tuple[ObjectRef, ...]:
        """Those of them whose live rollouts are not paused: their pods are all of what is live."""
        return tuple(
            change.key
            for change in self._standing
            if any(field.path == "spec.paused" for field in change.fields)
        )

    @property
    def _standing(self) -> list[Change]:
        return [
            change
            for change in self.of("update")
            if change.key.kind == "Deployment"
            and change.manifest["spec"].get("paused")
            and any(field.path.startswith("spec.template.") for field in change.fields)
        ]

    def of(self, *actions: Action) -> list[Change]:
        """Return the changes with one of these actions."""
        return [change for change in self.changes if change.action in actions]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.of("create", "update", "delete")


@dataclass(frozen=True)
class Members:
    """The live objects that carry the label of one of the stack's sets."""

    ours: Mapping[ObjectRef, Mapping[str, Any]]
    foreign: Mapping[ObjectRef, Mapping[str, Any]]
