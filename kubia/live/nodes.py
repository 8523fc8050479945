"""Nodes: which of them can run pods now, which could ever hold one, which a DaemonSet lacks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kubia.live import diagnosis
from kubia.live.rollout import RolloutStatus
from kubia.manifests.values import quantity

FIXED = ("cpu", "memory")
"""Resources of which a node never gets more; a device plugin may add others later."""
GENERATION = "deprecated.daemonset.template.generation"
POD_GENERATION = "pod-template-generation"
REVISION_HASH = "controller-revision-hash"
UNUSABLE = frozenset(
    f"node.kubernetes.io/{name}"
    for name in (
        "not-ready",
        "unreachable",
        "unschedulable",
        "out-of-service",
        "network-unavailable",
    )
)
"""Taints of nodes that are away, or about to be."""


def unusable(nodes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the nodes that start no pod now, each with the reason."""
    reasons = ((node["metadata"]["name"], _why_unusable(node)) for node in nodes)
    return {name: why for name, why in reasons if why}


def could_hold(node: Mapping[str, Any], pod_spec: Mapping[str, Any]) -> bool:
    """Whether the empty node would have room for the pod."""
    room = (node.get("status") or {}).get("allocatable") or {}
    try:
        return all(
            resource not in room or _asked(pod_spec, resource) <= quantity(str(room[resource]))
            for resource in FIXED
        )
    except ValueError:  # a quantity in a form that we do not read
        return True


def without_unusable(
    status: RolloutStatus,
    live: Mapping[str, Any],
    pods: Sequence[Mapping[str, Any]],
    unusable: Mapping[str, str],
) -> RolloutStatus:
    """Return how far a DaemonSet with these pods is if unusable nodes are named, not waited for."""
    desired = (live.get("status") or {}).get("desiredNumberScheduled", 0)
    updated = {_node(pod) for pod in pods if is_current(live, pod) and diagnosis.is_ready(pod)}
    away = sorted({_node(pod) for pod in pods} & unusable.keys() - updated)
    if not away or status.state != "waiting":
        return status
    names = ", ".join(f"{name} ({unusable[name]})" for name in away)
    text = f"{status.text}; not waited for, its pod follows when it is back: node {names}"
    return RolloutStatus("done" if len(updated) + len(away) >= desired else "waiting", text)


def is_current(live: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    """Whether a pod of a DaemonSet or StatefulSet is of the present template; any Job's is."""
    labels = pod["metadata"].get("labels") or {}
    if live["kind"] == "DaemonSet":
        annotations = live["metadata"].get("annotations") or {}
        return bool(labels.get(POD_GENERATION) == annotations.get(GENERATION))
    if live["kind"] == "StatefulSet":
        revision = (live.get("status") or {}).get("updateRevision")
        return bool(labels.get(REVISION_HASH) == revision)
    return True


def _node(pod: Mapping[str, Any]) -> str:
    """Return the node that a pod of a DaemonSet is on, or is meant for."""
    if name := pod["spec"].get("nodeName"):
        return str(name)
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            return str(field["values"][0])
    return ""


def _why_unusable(node: Mapping[str, Any]) -> str:
    conditions = (node.get("status") or {}).get("conditions") or ()
    ready = next((item.get("status") for item in conditions if item.get("type") == "Ready"), None)
    taints = [str(taint.get("key")) for taint in (node.get("spec") or {}).get("taints") or ()]
    return ", ".join([*(["NotReady"] if ready != "True" else []), *_short(taints)])


def _short(taints: Collection[str]) -> Iterator[str]:
    return (taint.rpartition("/")[2] for taint in taints if taint in UNUSABLE)


def _asked(pod_spec: Mapping[str, Any], resource: str) -> Decimal:
    def of(container: Mapping[str, Any]) -> Decimal:
        resources = container.get("resources") or {}
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        return quantity(str(requests.get(resource, limits.get(resource, "0"))))

    first = (of(container) for container in pod_spec.get("initContainers") or ())
    return max(sum(map(of, pod_spec.get("containers") or ()), Decimal()), *first, Decimal())
