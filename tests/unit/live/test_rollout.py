"""kubia.live.rollout: when the new pods have taken over."""

from typing import Any

import pytest

from kubia.live import rollout


def deployment(desired: int = 2, **status: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": desired, "progressDeadlineSeconds": 60},
        "status": {"observedGeneration": 2, **status},
    }


def counts(total: int, updated: int, available: int) -> dict[str, int]:
    return {"replicas": total, "updatedReplicas": updated, "availableReplicas": available}


@pytest.mark.parametrize(
    ("live", "state", "text"),
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
def test_a_deployment(live: dict[str, Any], state: str, text: str) -> None:
    assert rollout.progress(live) == rollout.RolloutStatus(state, text)  # type: ignore[arg-type]


def test_a_deployment_of_a_list_does_not_say_what_it_is() -> None:
    live = deployment(**counts(2, 2, 2))
    del live["kind"]

    assert rollout.of_deployment(live).state == "done"


def test_conditions_say_why_pods_do_not_come_up() -> None:
    quota = {"reason": "FailedCreate", "message": "exceeded quota"}
    late = {"reason": "ProgressDeadlineExceeded", "message": "timed out"}
    conditions = [
        {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable"},
        {"type": "ReplicaFailure", "status": "True", **quota},
        {"type": "Progressing", "status": "False", **late},
    ]

    assert list(rollout.problems(deployment(conditions=conditions))) == [
        "FailedCreate: exceeded quota",
        "ProgressDeadlineExceeded: timed out",
    ]
    assert list(rollout.problems(deployment(conditions=conditions[:1]))) == []
    assert list(rollout.problems({"spec": {}})) == []


def test_a_daemon_set_without_nodes_is_done() -> None:
    live = {"kind": "DaemonSet", "metadata": {"generation": 1}, "spec": {}}

    assert rollout.progress(live).state == "waiting"
    live["status"] = {"observedGeneration": 1, "desiredNumberScheduled": 0}
    assert rollout.progress(live).state == "done"
    live["status"] = {"observedGeneration": 1, "desiredNumberScheduled": 1}
    assert rollout.progress(live).text == "0/1 nodes updated, 0 available"


def test_a_failed_job_shows_its_message() -> None:
    condition = {"type": "Failed", "status": "True", "message": "too many retries"}
    live = {"kind": "Job", "metadata": {}, "spec": {}, "status": {"conditions": [condition]}}

    assert rollout.progress(live) == rollout.RolloutStatus("failed", "too many retries")


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
