"""Whether a workload's new pods have taken over, or why not: read from the workload alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

SKIP = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
AGAIN = "pulumi.com/replaceUnready"
"""Annotation of a Job that the next update makes anew when it has failed."""
DEFAULT_TIMEOUT = 600
"""Seconds: Pulumi's own default for these kinds."""
WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "Job"})
PROBLEMS = frozenset({("ReplicaFailure", "True"), ("Progressing", "False")})
"""Conditions, each with its status, by which a Deployment says that it does not come up."""

State = Literal["waiting", "done", "failed"]


@dataclass(frozen=True)
class RolloutStatus:
    """How far a rollout is, in words for a progress line."""

    state: State
    text: str


UNNOTICED = RolloutStatus("waiting", "waiting to be noticed by its controller")


def skipped(manifest: Mapping[str, Any]) -> str:
    """Why nobody waits for this workload, or ""."""
    spec = manifest.get("spec") or {}
    if spec.get("paused"):
        return "its rollout is paused"
    if _annotations(manifest).get(SKIP) == "true":
        return f"{SKIP} is set"
    strategy = (spec.get("updateStrategy") or {}).get("type")
    return "its pods are replaced when somebody deletes them" if strategy == "OnDelete" else ""


def is_tried_again(manifest: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    """Whether a live Job has failed, which can never complete, and is to be made anew then."""
    is_job = live["kind"] == "Job" and _annotations(manifest).get(AGAIN) == "true"
    return is_job and _job(live).state == "failed"


def timeout(manifest: Mapping[str, Any]) -> float:
    """Seconds that the rollout may take."""
    given = _annotations(manifest).get(TIMEOUT, "")
    return float(given) if str(given).isdigit() else float(DEFAULT_TIMEOUT)


def progress(live: Mapping[str, Any]) -> RolloutStatus:
    """Return the progress of a live Deployment, DaemonSet, StatefulSet or Job."""
    kind = live["kind"]
    if kind == "Deployment":
        return of_deployment(live)
    if kind == "Job":
        return _job(live)
    if not is_observed(live):
        return UNNOTICED
    status = live.get("status") or {}
    return _daemon_set(status) if kind == "DaemonSet" else _stateful_set(live["spec"], status)


def reached(live: Mapping[str, Any]) -> int | None:
    """Return how far a DaemonSet or StatefulSet is, which has no progressDeadlineSeconds."""
    status = live.get("status") or {}
    if not is_observed(live):
        return None
    if live["kind"] == "DaemonSet":
        return int(status.get("updatedNumberScheduled", 0) + status.get("numberAvailable", 0))
    if live["kind"] == "StatefulSet":
        return int(status.get("updatedReplicas", 0) + status.get("availableReplicas", 0))
    return None


def of_deployment(live: Mapping[str, Any]) -> RolloutStatus:
    """Return the progress of a live Deployment, which need not say its kind (as in a list)."""
    spec, status = live["spec"], live.get("status") or {}
    if not is_observed(live):
        return UNNOTICED
    if any(item.get("reason") == "ProgressDeadlineExceeded" for item in _conditions(live)):
        seconds = spec.get("progressDeadlineSeconds")
        return RolloutStatus("failed", f"no progress for {seconds} s (progressDeadlineSeconds)")
    desired = spec.get("replicas", 1)
    updated = status.get("updatedReplicas", 0)
    available = status.get("availableReplicas", 0)
    replicas = status.get("replicas", 0)
    text = f"{updated}/{desired} pods updated, {available} available"
    if replicas > max(updated, desired):
        return RolloutStatus("waiting", f"{text}, {replicas - min(updated, desired)} to go")
    # All pods are new ones now, so the available ones are, too.
    done = updated == replicas == desired and available >= desired
    return RolloutStatus("done" if done else "waiting", text)


def problems(live: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a Deployment's pods do not come up, as its conditions say; nothing while they may.

    A pod that cannot be made (ReplicaFailure) may be made later: the rollout has not failed yet.
    """
    for condition in _conditions(live):
        if (condition.get("type"), condition.get("status")) in PROBLEMS:
            yield f"{condition.get('reason')}: {condition.get('message')}"


def _daemon_set(status: Mapping[str, Any]) -> RolloutStatus:
    desired = status.get("desiredNumberScheduled", 0)
    updated = status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    done = updated >= desired and available >= desired
    text = f"{updated}/{desired} nodes updated, {available} available"
    return RolloutStatus("done" if done else "waiting", text)


def _stateful_set(spec: Mapping[str, Any], status: Mapping[str, Any]) -> RolloutStatus:
    desired = spec.get("replicas", 1)
    updated = status.get("updatedReplicas", 0)
    available = status.get("availableReplicas", 0)
    done = (
        available >= desired
        and (updated >= desired or _has_partition(spec))
        and (_has_partition(spec) or status.get("currentRevision") == status.get("updateRevision"))
    )
    text = f"{updated}/{desired} pods updated, {available} available"
    return RolloutStatus("done" if done else "waiting", text)


def _has_partition(spec: Mapping[str, Any]) -> bool:
    strategy = spec.get("updateStrategy") or {}
    return bool((strategy.get("rollingUpdate") or {}).get("partition"))


def _job(live: Mapping[str, Any]) -> RolloutStatus:
    for condition in _conditions(live):
        if condition.get("status") == "True" and condition.get("type") == "Failed":
            return RolloutStatus("failed", condition.get("message", "failed"))
        if condition.get("status") == "True" and condition.get("type") == "Complete":
            return RolloutStatus("done", "complete")
    desired = live["spec"].get("completions", 1)
    succeeded = (live.get("status") or {}).get("succeeded", 0)
    return RolloutStatus("waiting", f"{succeeded}/{desired} pods complete")


def is_observed(live: Mapping[str, Any]) -> bool:
    """Whether the status is of the present spec."""
    observed = (live.get("status") or {}).get("observedGeneration", 0)
    return bool(observed >= live["metadata"]["generation"])


def _conditions(live: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((live.get("status") or {}).get("conditions") or ())


def _annotations(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    annotations: Mapping[str, str] = manifest["metadata"].get("annotations") or {}
    return annotations
