"""What a stack's state holds, as Pulumi exports it."""

from collections.abc import Mapping
from typing import Any

from kubia.actions.pulumi_errors import STACK
from kubia.program.objects import ObjectRef

Deployment = Mapping[str, Any]


def resources(deployment: Deployment) -> list[Mapping[str, Any]]:
    """Return the resources."""
    return list(deployment.get("resources") or ())


def objects(deployment: Deployment) -> list[Mapping[str, Any]]:
    """Return the resources that are Kubernetes objects."""
    return [
        item
        for item in resources(deployment)
        if (item.get("outputs") or {}).keys() >= {"apiVersion", "kind", "metadata"}
    ]


def protected(deployment: Deployment) -> list[ObjectRef]:
    """Return the objects that are protected; else the protected components."""
    shielded = [ObjectRef.of(it["outputs"]) for it in objects(deployment) if it.get("protect")]
    return shielded or [
        ObjectRef("", item["type"], "", item["urn"].rpartition("::")[2])
        for item in resources(deployment)
        if item.get("protect") and item["type"] != STACK
    ]
