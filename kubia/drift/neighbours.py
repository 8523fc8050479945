"""What is live beside the declared objects of a namespace, listed once for all that ask."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubia.apply.api import Api, parallel

Live = Mapping[str, Any]
KINDS = (
    ("", "Pod"),
    ("apps", "ReplicaSet"),
    ("apps", "ControllerRevision"),
    ("discovery.k8s.io", "EndpointSlice"),
)
REVISION = "controller-revision-hash"


@dataclass(frozen=True)
class Neighbours:
    """Pods, what they were made from, and where Services send their requests."""

    pods: Sequence[Live]
    replica_sets: Sequence[Live]
    revisions: Sequence[Live]
    slices: Sequence[Live]

    def made_from(self, pod: Live, workloads: frozenset[str]) -> Live | None:
        """Return the pod template that one of these workloads (UIDs) made a pod from, or None."""
        by = controller(pod)
        for item in self.replica_sets:
            if item["metadata"]["uid"] == by and controller(item) in workloads:
                return dict(item["spec"]["template"])
        revision = (pod["metadata"].get("labels") or {}).get(REVISION, "")
        for item in self.revisions:
            # A StatefulSet's pods bear the whole name, a DaemonSet's its last part.
            is_its = item["metadata"]["name"] in {revision, f"{_owner(pod)}-{revision}"}
            if is_its and by in workloads and by == controller(item):
                return dict(item["data"]["spec"]["template"])
        return None


def of(api: Api, namespace: str) -> Neighbours:
    """Return what is live in the namespace."""
    pods, sets, revisions, slices = parallel(lambda it: api.list(api.kind(*it), namespace), KINDS)
    return Neighbours(pods, sets, revisions, slices)


def controller(live: Live) -> str:
    """Return the UID of the object that controls this one, or ""."""
    return next((str(item["uid"]) for item in _controllers(live)), "")


def _owner(live: Live) -> str:
    return next((str(item["name"]) for item in _controllers(live)), "")


def _controllers(live: Live) -> Iterator[Mapping[str, Any]]:
    references = live["metadata"].get("ownerReferences") or ()
    return (item for item in references if item.get("controller"))
