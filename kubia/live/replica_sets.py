"""Which versions the pods of Deployments are of and how many are ready: read from ReplicaSets."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
DESIRED = "deployment.kubernetes.io/desired-replicas"


@dataclass(frozen=True)
class PodGroup:
    """The pods of one version of a Deployment.

    `version` is the tag of the first container's image, `is_new` whether the Deployment is on its
    way to it, `desired` how many pods that is to have. `replicas` counts the pods but those that
    are `going`, which end gracefully and which clusters before Kubernetes 1.35 do not count.
    """

    deployment: str
    version: str
    is_new: bool
    desired: int
    replicas: int
    ready: int
    going: int

    def __str__(self) -> str:
        """Return `v2 1/3 ready` or `v1 2/2 ready + 1 going`."""
        of = self.desired if self.is_new else self.replicas
        parts = [f"{self.ready}/{of} ready"] if of or self.is_new else []
        parts += [f"{self.going} going"] if self.going else []
        return f"{self.version} {' + '.join(parts)}"


def groups(sets: Iterable[Mapping[str, Any]]) -> tuple[PodGroup, ...]:
    """Return the groups that ReplicaSets stand for, by Deployment, the new version first."""
    owned: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in sets:
        owners = item["metadata"].get("ownerReferences", ())
        for owner in owners:
            if owner.get("controller") and owner["kind"] == "Deployment":
                owned[owner["name"]].append(item)
    return tuple(group for name in sorted(owned) for group in _of_one(name, owned[name]))


def current(
    sets: Iterable[Mapping[str, Any]], deployment: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return the ReplicaSet of what the live Deployment declares now; None if there is none yet."""
    uid, template = deployment["metadata"]["uid"], deployment["spec"].get("template")
    for item in sets:
        owners = (owner["uid"] for owner in item["metadata"].get("ownerReferences", ()))
        if uid in owners and _unhashed(item["spec"]["template"]) == template:
            return item
    return None


def _unhashed(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ReplicaSet's template as its Deployment has it."""
    metadata = template["metadata"]
    labels = {name: value for name, value in metadata.get("labels", {}).items() if name != HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


def _of_one(name: str, sets: list[Mapping[str, Any]]) -> list[PodGroup]:
    sets = sorted(sets, key=_revision, reverse=True)
    every = [(_revision(item), _group(name, item, is_new=item is sets[0])) for item in sets]
    shown = [
        (number, group) for number, group in every if group.is_new or group.replicas + group.going
    ]
    same = Counter(group.version for _, group in shown)
    return [
        replace(group, version=f"{group.version} (revision {number})")
        if same[group.version] > 1
        else group
        for number, group in shown
    ]


def _group(name: str, item: Mapping[str, Any], *, is_new: bool) -> PodGroup:
    status = item.get("status") or {}
    annotations = item["metadata"].get("annotations") or {}
    return PodGroup(
        deployment=name,
        version=_version(item["spec"]["template"]["spec"]["containers"][0]["image"]),
        is_new=is_new,
        desired=int(annotations.get(DESIRED, item["spec"]["replicas"])),
        replicas=status.get("replicas", 0),
        ready=status.get("readyReplicas", 0),
        going=status.get("terminatingReplicas", 0),
    )


def _version(image: str) -> str:
    """Return an image's tag; without one, the beginning of its digest, or its name."""
    name, _, digest = image.rpartition("/")[2].partition("@")
    short, _, tag = name.partition(":")
    return tag or digest.rpartition(":")[2][:12] or short


def _revision(item: Mapping[str, Any]) -> int:
    return int((item["metadata"].get("annotations") or {}).get(REVISION, 0))
