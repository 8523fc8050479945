"""kubia.live.rollout: when the new pods have taken over."""

from typing import Any

import pytest

from kubia.live import rollout


def deployment(wanted: int = 2, **status: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": wanted, "progressDeadlineSeconds": 60},
        "status": {"observedGeneration": 2, **status},
    }


def counts(total: int, updated: int, available: int) -> dict[str, int]:
    return {"replicas": total, "updatedReplicas": updated, "availableReplicas": available}


@pytest.mark.parametrize(
    ("found", "state", "text"),
    [
        (deployment(**counts(2, 2, 2)), "done", "2/2 pods updated, 2 available"),
        (deployment(**counts(2, 2, 1)), "waiting", "2/2 pods updated, 1 available"),
        (deployment(**counts(3, 2, 3)), "waiting", "2/2 pods updated, 3 available, 1 to go"),
        (deployment(**counts(5, 5, 5)), "waiting", "5/2 pods updated, 5 available"),
        (deployment(0), "done", "0/0 pods updated, 0 available"),
        (
            deployment(observedGeneration=1, **counts(2, 2, 2)),
            "waiting",
            "waiting to be noticed by its controller",
        ),
        (
            deployment(conditions=[{"reason": "ProgressDeadlineExceeded"}]),
            "failed",
            "no progress for 60 s (progressDeadlineSeconds)",
        ),
    ],
)
def test_a_deployment(found: dict[str, Any], state: str, text: str) -> None:
    assert rollout.progress(found) == rollout.RolloutStatus(state, text)  # type: ignore[arg-type]


def test_a_daemon_set_without_nodes_is_done() -> None:
    found = {"kind": "DaemonSet", "metadata": {"generation": 1}, "spec": {}}

    assert rollout.progress(found).state == "waiting"
    found["status"] = {"observedGeneration": 1, "desiredNumberScheduled": 0}
    assert rollout.progress(found).state == "done"
    found["status"] = {"observedGeneration": 1, "desiredNumberScheduled": 1}
    assert rollout.progress(found).text == "0/1 nodes updated, 0 available"


def test_a_failed_job_tells_its_message() -> None:
    condition = {"type": "Failed", "status": "True", "message": "too many retries"}
    found = {"kind": "Job", "metadata": {}, "spec": {}, "status": {"conditions": [condition]}}

    assert rollout.progress(found) == rollout.RolloutStatus("failed", "too many retries")


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ({"metadata": {}}, ""),
        (
            {"metadata": {"annotations": {rollout.SKIP: "true"}}},
            "pulumi.com/skipAwait is set",
        ),
        ({"metadata": {}, "spec": {"paused": True}}, "its rollout is paused"),
        (
            {"metadata": {}, "spec": {"updateStrategy": {"type": "OnDelete"}}},
            "its pods are replaced when somebody deletes them",
        ),
    ],
)
def test_why_nobody_waits(manifest: dict[str, Any], why: str) -> None:
    assert rollout.skipped(manifest) == why


def test_the_timeout_is_pulumis() -> None:
    assert rollout.timeout({"metadata": {}}) == 600
    assert rollout.timeout({"metadata": {"annotations": {rollout.TIMEOUT: "90"}}}) == 90
