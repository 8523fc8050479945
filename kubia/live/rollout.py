"""Whether a workload's new pods have taken over, told from the workload alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

SKIP = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
DEFAULT_TIMEOUT = 600
"""Seconds: Pulumi's own default for these kinds."""
WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "Job"})

State = Literal["waiting", "done", "failed"]


@dataclass(frozen=True)
class RolloutStatus:
    """How far a rollout is, in words for a progress line."""

    state: State
    text: str


def skipped(manifest: Mapping[str, Any]) -> str:
    """Why nobody waits for this workload, or ""."""
    if _annotations(manifest).get(SKIP) == "true":
        return f"{SKIP} is set"
    spec = manifest.get("spec") or {}
    if spec.get("paused"):
        return "its rollout is paused"
    strategy = (spec.get("updateStrategy") or {}).get("type")
    return "its pods are replaced when somebody deletes them" if strategy == "OnDelete" else ""


def timeout(manifest: Mapping[str, Any]) -> float:
    """Seconds that the rollout may take."""
    given = _annotations(manifest).get(TIMEOUT, "")
    return float(given) if str(given).isdigit() else float(DEFAULT_TIMEOUT)


def progress(found: Mapping[str, Any]) -> RolloutStatus:
    """Return the progress of a live Deployment, DaemonSet, StatefulSet or Job."""
    status = found.get("status") or {}
    kind = found["kind"]
    if kind != "Job" and status.get("observedGeneration", 0) < found["metadata"]["generation"]:
        return RolloutStatus("waiting", "waiting to be noticed by its controller")
    if kind == "Deployment":
        return _deployment(found["spec"], status)
    if kind == "DaemonSet":
        return _daemon_set(status)
    if kind == "StatefulSet":
        return _stateful_set(found["spec"], status)
    return _job(found["spec"], status)


def _deployment(spec: Mapping[str, Any], status: Mapping[str, Any]) -> RolloutStatus:
    for condition in status.get("conditions", ()):
        if condition.get("reason") == "ProgressDeadlineExceeded":
            seconds = spec.get("progressDeadlineSeconds")
            return RolloutStatus("failed", f"no progress for {seconds} s (progressDeadlineSeconds)")
    wanted = spec.get("replicas", 1)
    updated = status.get("updatedReplicas", 0)
    available = status.get("availableReplicas", 0)
    there = status.get("replicas", 0)
    text = f"{updated}/{wanted} pods updated, {available} available"
    if there > max(updated, wanted):
        return RolloutStatus("waiting", f"{text}, {there - min(updated, wanted)} to go")
    # All pods are new ones now, so the available ones are, too.
    done = updated == there == wanted and available >= wanted
    return RolloutStatus("done" if done else "waiting", text)


def _daemon_set(status: Mapping[str, Any]) -> RolloutStatus:
    wanted = status.get("desiredNumberScheduled", 0)
    updated = status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    done = updated >= wanted and available >= wanted
    text = f"{updated}/{wanted} nodes updated, {available} available"
    return RolloutStatus("done" if done else "waiting", text)


def _stateful_set(spec: Mapping[str, Any], status: Mapping[str, Any]) -> RolloutStatus:
    wanted = spec.get("replicas", 1)
    updated = status.get("updatedReplicas", 0)
    available = status.get("availableReplicas", 0)
    done = (
        available >= wanted
        and (updated >= wanted or _has_partition(spec))
        and (_has_partition(spec) or status.get("currentRevision") == status.get("updateRevision"))
    )
    text = f"{updated}/{wanted} pods updated, {available} available"
    return RolloutStatus("done" if done else "waiting", text)


def _has_partition(spec: Mapping[str, Any]) -> bool:
    strategy = spec.get("updateStrategy") or {}
    return bool((strategy.get("rollingUpdate") or {}).get("partition"))


def _job(spec: Mapping[str, Any], status: Mapping[str, Any]) -> RolloutStatus:
    for condition in status.get("conditions", ()):
        if condition.get("status") == "True" and condition.get("type") == "Failed":
            return RolloutStatus("failed", condition.get("message", "failed"))
        if condition.get("status") == "True" and condition.get("type") == "Complete":
            return RolloutStatus("done", "complete")
    wanted = spec.get("completions", 1)
    return RolloutStatus("waiting", f"{status.get('succeeded', 0)}/{wanted} pods complete")


def _annotations(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    annotations: Mapping[str, str] = manifest["metadata"].get("annotations") or {}
    return annotations
