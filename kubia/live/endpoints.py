"""Which pods get a Service's requests: read from the pods alone."""

from collections.abc import Iterable, Mapping
from typing import Any

from kubia.live import diagnosis

Labels = Mapping[str, str]


def selects(selector: Labels, labels: Labels) -> bool:
    """Whether a Service's selector takes pods with these labels; an empty one takes none."""
    return bool(selector) and selector.items() <= labels.items()


def labels(item: Mapping[str, Any]) -> Labels:
    """Return the labels of an object."""
    return item["metadata"].get("labels") or {}


def of_pods(workload: Mapping[str, Any]) -> Labels:
    """Return the labels of the pods that a workload makes; none of what is no workload."""
    template = (workload.get("spec") or {}).get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}


def owns(workload: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    """Whether the pod is one of the workload's, of whichever version."""
    selector = (workload.get("spec") or {}).get("selector") or {}
    space = (workload.get("metadata") or {}).get("namespace")
    is_beside = space in {None, pod["metadata"].get("namespace")}
    return is_beside and selects(selector.get("matchLabels") or {}, labels(pod))


def serving(pods: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return those of the pods that are ready, and not about to stop."""
    return [
        pod
        for pod in pods
        if diagnosis.is_ready(pod) and "deletionTimestamp" not in pod["metadata"]
    ]
