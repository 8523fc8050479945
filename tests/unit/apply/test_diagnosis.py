"""kubia.apply.diagnosis: what a user reads of pods that do not come up."""

from typing import Any

from kubia.apply import diagnosis
from tests.unit.apiserver import Server
from tests.unit.applying import SPACE, api

MESSAGE = "0/1 nodes are available"
WORKLOAD: dict[str, Any] = {
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}},
    "status": {
        "conditions": [
            {"type": "ReplicaFailure", "status": "True", "reason": "Failed", "message": "quota"}
        ]
    },
}


def server_with(count: int, event: str) -> Server:
    """Return a server with so many pods that no node takes, and a warning."""
    server = Server()
    why = {"reason": "Unschedulable", "message": MESSAGE}
    status = {
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "False", **why}],
    }
    for number in range(count):
        own = {"name": f"web-{number}", "namespace": "shop", "labels": {"app": "web"}}
        server.put("v1", "Pod", f"{SPACE}/pods/web-{number}", own, status=status)
    own = {"name": "warning", "namespace": "shop"}
    about = {"reason": "FailedScheduling", "message": event}
    server.put("v1", "Event", f"{SPACE}/events/warning", own, **about)
    return server


def test_a_warning_that_repeats_the_pods_status_is_left_out() -> None:
    assert diagnosis.of_workload(api(server_with(1, MESSAGE)), WORKLOAD) == [
        "pod web-0: Pending",
        f"  not scheduled: Unschedulable: {MESSAGE}",
    ]
    assert diagnosis.of_workload(api(server_with(1, "another")), WORKLOAD) == [
        "pod web-0: Pending",
        f"  not scheduled: Unschedulable: {MESSAGE}",
        "  FailedScheduling: another",
    ]


def test_of_many_pods_only_some_are_shown() -> None:
    lines = diagnosis.of_workload(api(server_with(diagnosis.PODS + 2, MESSAGE)), WORKLOAD)

    assert len(lines) == 2 * diagnosis.PODS + 1
    assert lines[-1] == "and 2 more pods that are not ready"


def test_a_workload_without_pods_says_itself_why() -> None:
    assert diagnosis.of_workload(api(server_with(0, MESSAGE)), WORKLOAD) == ["Failed: quota"]


class Logging(Server):
    """A server whose kubelets have kept what a container logged."""

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Answer with the log, if that is asked for."""
        if path.endswith("/log"):
            assert "previous" not in rest[0]
            return "checking\nno such table\n"
        return super().request(method, path, *rest, **more)


def test_the_pod_of_a_job_that_failed_tells_what_it_logged_last() -> None:
    server = Logging()
    ended = {"terminated": {"exitCode": 3, "reason": "Error"}}
    status = {"phase": "Failed", "containerStatuses": [{"name": "main", "state": ended}]}
    own = {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}}
    server.put("v1", "Pod", f"{SPACE}/pods/web-0", own, status=status)

    assert diagnosis.of_workload(api(server), WORKLOAD) == [
        "pod web-0: Failed",
        "  container main ended with exit code 3 (Error), 0 restarts",
        "  log main: checking",
        "  log main: no such table",
    ]
