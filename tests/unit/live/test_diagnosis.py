"""kubia.live.diagnosis: why a pod is not ready."""

from typing import Any

from kubia.live import diagnosis


def condition(kind: str, status: str, **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status, **more}]}


def test_a_pod_that_no_node_takes_says_so() -> None:
    why = {"reason": "Unschedulable", "message": "0/1 nodes are available"}
    pod = {"status": condition("PodScheduled", "False", **why)}

    assert list(diagnosis.of_pod(pod)) == ["not scheduled: Unschedulable: 0/1 nodes are available"]


def test_containers_that_wait_or_have_ended_say_why() -> None:
    ended = {"terminated": {"exitCode": 1, "reason": "Error"}}
    pod = {
        "status": {
            "initContainerStatuses": [{"name": "init", "state": ended}],
            "containerStatuses": [
                {"name": "web", "state": {"waiting": {"reason": "PodInitializing"}}},
                {
                    "name": "side",
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                    "lastState": ended,
                    "restartCount": 3,
                },
                {"name": "well", "state": {"running": {}}},
            ],
        }
    }

    assert list(diagnosis.of_pod(pod)) == [
        "container init ended with exit code 1 (Error), 0 restarts",
        "container web waits: PodInitializing",
        "container side waits: CrashLoopBackOff: back-off",
        "container side ended with exit code 1 (Error), 3 restarts",
    ]


def test_only_a_pod_with_the_condition_is_ready() -> None:
    assert diagnosis.is_ready({"status": condition("Ready", "True")})
    assert not diagnosis.is_ready({"status": condition("Ready", "False")})
    assert not diagnosis.is_ready({})
