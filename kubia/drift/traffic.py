"""Who gets a Service's traffic without belonging to the stack: pods, and addresses."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.drift.model import Finding
from kubia.drift.neighbours import Neighbours, controller
from kubia.live import managed_fields

Live = Mapping[str, Any]

OF_SERVICE = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslice-controller.k8s.io"
"""Who keeps the slices of Services that select pods. It empties whatever else bears its name."""


def find(
    live: Live, service: Live, around: Neighbours, workloads: frozenset[str]
) -> Iterator[Finding]:
    """Yield what is foreign behind the Service. `workloads` are the UIDs of the stack's own."""
    selector = (service.get("spec") or {}).get("selector") or {}
    if not selector:
        return
    yield from _pods(selector, around, workloads)
    for item in around.slices:
        labels = item["metadata"].get("labels") or {}
        if labels.get(OF_SERVICE) != live["metadata"]["name"]:
            continue
        if labels.get(MANAGED_BY) != CONTROLLER:
            addresses = [ip for end in item.get("endpoints") or () for ip in end["addresses"]]
            yield Finding(
                f"EndpointSlice {item['metadata']['name']} steals traffic: it sends the Service's "
                f"requests to {', '.join(addresses) or 'nobody'}, and no selector made it",
                owner=managed_fields.last_other(item, FIELD_MANAGER),
            )


def _pods(
    selector: Mapping[str, str], around: Neighbours, workloads: frozenset[str]
) -> Iterator[Finding]:
    text = ",".join(f"{name}={value}" for name, value in sorted(selector.items()))
    ours = {
        item["metadata"]["uid"] for item in around.replica_sets if controller(item) in workloads
    }
    for pod in around.pods:
        labels = pod["metadata"].get("labels") or {}
        if selector.items() <= labels.items() and controller(pod) not in {*ours, *workloads}:
            yield Finding(
                f"pod {pod['metadata']['name']} steals traffic: it matches the selector "
                f"({text}) and belongs to none of the stack's workloads",
                owner=_last_labeller(pod),
            )


def _last_labeller(pod: Live) -> managed_fields.Owner | None:
    """Return whoever wrote the labels last."""
    labels = pod["metadata"].get("labels", {})
    paths = (("metadata", "labels", name) for name in sorted(labels))
    owners = (managed_fields.owner_of(pod, path, FIELD_MANAGER) for path in paths)
    known = (owner for owner in owners if owner is not None)
    return max(known, key=lambda owner: owner.time, default=None)
