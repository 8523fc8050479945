"""Which versions the pods of Deployments are of and how many are ready, told by ReplicaSets."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kubia.apply.api import Api, parallel
from kubia.apply.connection import ApiError
from kubia.program.objects import ObjectRef

MANY = 8
"""Deployments beyond which nobody reads how the pods of each are doing."""
REVISION = "deployment.kubernetes.io/revision"
WANTED = "deployment.kubernetes.io/desired-replicas"


@dataclass(frozen=True)
class Group:
    """The pods of one version of a Deployment.

    `version` is the tag of the first container's image, `is_new` whether the Deployment is on its
    way to it, `wanted` how many pods that is to have. `there` are the pods but those that are
    `going`, which end gracefully and which clusters before Kubernetes 1.35 do not tell.
    """

    deployment: str
    version: str
    is_new: bool
    wanted: int
    there: int
    ready: int
    going: int

    def __str__(self) -> str:
        """Return `v2 1/3 ready` or `v1 2/2 ready + 1 going`."""
        of = self.wanted if self.is_new else self.there
        parts = [f"{self.ready}/{of} ready"] if of or self.is_new else []
        parts += [f"{self.going} going"] if self.going else []
        return f"{self.version} {' + '.join(parts)}"


def told(api: Api, found: Mapping[ObjectRef, Mapping[str, Any]]) -> dict[ObjectRef, str]:
    """Return a few live Deployments' pods in words; nothing of many, or if we may not know."""
    deployments = {key: item for key, item in found.items() if key.kind == "Deployment"}
    if len(deployments) > MANY:
        return {}

    def ask(key: ObjectRef) -> tuple[Group, ...]:
        labels = deployments[key]["spec"].get("selector", {}).get("matchLabels", {})
        return in_namespace(api, key.namespace, labels, key.name)

    groups = zip(deployments, parallel(ask, deployments), strict=True)
    return {key: ", ".join(map(str, own)) for key, own in groups if own}


def in_namespace(
    api: Api, namespace: str, labels: Mapping[str, str] | None = None, deployment: str = ""
) -> tuple[Group, ...]:
    """Return the groups of one Deployment, or of all; none if the cluster does not tell us."""
    selector = ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items()))
    try:
        sets = api.list(api.kind("apps", "ReplicaSet"), namespace, selector)
    except ApiError:  # who may release need not be allowed to look at ReplicaSets
        return ()
    return tuple(g for g in groups(sets) if not deployment or g.deployment == deployment)


def groups(sets: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    """Return the groups that ReplicaSets stand for, by Deployment, the new version first."""
    owned: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in sets:
        owners = item["metadata"].get("ownerReferences", ())
        for owner in owners:
            if owner.get("controller") and owner["kind"] == "Deployment":
                owned[owner["name"]].append(item)
    return tuple(group for name in sorted(owned) for group in _of_one(name, owned[name]))


def _of_one(name: str, sets: list[Mapping[str, Any]]) -> list[Group]:
    sets = sorted(sets, key=_revision, reverse=True)
    made = [(_revision(item), _group(name, item, is_new=item is sets[0])) for item in sets]
    live = [(number, group) for number, group in made if group.is_new or group.there + group.going]
    same = Counter(group.version for _, group in live)
    return [
        replace(group, version=f"{group.version} (revision {number})")
        if same[group.version] > 1
        else group
        for number, group in live
    ]


def _group(name: str, item: Mapping[str, Any], *, is_new: bool) -> Group:
    status = item.get("status") or {}
    annotations = item["metadata"].get("annotations") or {}
    return Group(
        deployment=name,
        version=_version(item["spec"]["template"]["spec"]["containers"][0]["image"]),
        is_new=is_new,
        wanted=int(annotations.get(WANTED, item["spec"]["replicas"])),
        there=status.get("replicas", 0),
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
