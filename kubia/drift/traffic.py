"""Pods that get a Service's traffic without belonging to the stack."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER, Api, selector
from kubia.drift.model import Finding
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef


def find(
    api: Api, key: ObjectRef, service: Mapping[str, Any], workloads: frozenset[str]
) -> Iterator[Finding]:
    """Foreign pods behind the live Service. `workloads` are the UIDs of the stack's own."""
    labels = selector((service.get("spec") or {}).get("selector") or {})
    if not labels:
        return
    pods = api.list(api.kind("", "Pod"), key.namespace, labels)
    foreign = [pod for pod in pods if _controller(pod) not in workloads]
    if not foreign:
        return
    sets = api.list(api.kind("apps", "ReplicaSet"), key.namespace)
    ours = {item["metadata"]["uid"] for item in sets if _controller(item) in workloads}
    for pod in foreign:
        if _controller(pod) not in ours:
            yield Finding(
                f"pod {pod['metadata']['name']} steals traffic: it matches the selector "
                f"({labels}) and belongs to none of the stack's workloads",
                owner=_last_labeller(pod),
            )


def _controller(live: Mapping[str, Any]) -> str:
    """Return the UID of the object that controls this one, or ""."""
    references = live["metadata"].get("ownerReferences") or ()
    return next((str(item["uid"]) for item in references if item.get("controller")), "")


def _last_labeller(pod: Mapping[str, Any]) -> managed_fields.Owner | None:
    """Return whoever wrote the labels last."""
    labels = pod["metadata"].get("labels", {})
    paths = (("metadata", "labels", name) for name in sorted(labels))
    owners = (managed_fields.owner_of(pod, path, FIELD_MANAGER) for path in paths)
    known = (owner for owner in owners if owner is not None)
    return max(known, key=lambda owner: owner.time, default=None)
