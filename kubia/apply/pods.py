"""How the pods of live Deployments do, version by version: asks for their ReplicaSets."""

from collections.abc import Mapping
from typing import Any

from kubia.apply.api import Api, parallel, selector
from kubia.apply.connection import ApiError
from kubia.live import replica_sets
from kubia.live.replica_sets import PodGroup
from kubia.program.objects import ObjectRef

MANY = 8
"""Deployments beyond which nobody reads how the pods of each are doing."""


def summaries(api: Api, live: Mapping[ObjectRef, Mapping[str, Any]]) -> dict[ObjectRef, str]:
    """Return a few live Deployments' pods in words; nothing of many, or if we may not know."""
    deployments = {key: item for key, item in live.items() if key.kind == "Deployment"}
    if len(deployments) > MANY:
        return {}

    def ask(key: ObjectRef) -> tuple[PodGroup, ...]:
        labels = deployments[key]["spec"].get("selector", {}).get("matchLabels", {})
        return in_namespace(api, key.namespace, labels, key.name)

    groups = zip(deployments, parallel(ask, deployments), strict=True)
    return {key: ", ".join(map(str, own)) for key, own in groups if own}


def in_namespace(
    api: Api, namespace: str, labels: Mapping[str, str] | None = None, deployment: str = ""
) -> tuple[PodGroup, ...]:
    """Return the groups of one Deployment, or of all; none if the cluster does not tell us."""
    try:
        sets = api.list(api.kind("apps", "ReplicaSet"), namespace, selector(labels or {}))
    except ApiError:  # who may release need not be allowed to look at ReplicaSets
        return ()
    groups = replica_sets.groups(sets)
    return tuple(group for group in groups if not deployment or group.deployment == deployment)
