"""kubia.apply.reasons: what keeps a workload from going on, and whether waiting may help."""

from typing import Any

import pytest

from kubia.apply import reasons, wait
from kubia.apply.reasons import AUTOSCALER
from kubia.apply.wait import Timing
from kubia.console import Progress
from kubia.live.nodes import GENERATION, POD_GENERATION
from kubia.live.replica_sets import HASH
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import SPACE, WEB, api

QUOTA = 'pods "web-1-x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3'
SECURITY = 'pods "web-1-x" is forbidden: violates PodSecurity "restricted:latest"'
APPS = "/apis/apps/v1/namespaces/shop"
SETS, AGENT = f"{APPS}/replicasets", f"{APPS}/daemonsets/agent"
FAST = Timing(first_pause=0.01, longest_pause=0.01, settling=0.0, reasons=0.0)
NO_TIME = {"pulumi.com/timeoutSeconds": "0"}


def template(cpu: str = "1", **labels: str) -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu}}
    return {
        "metadata": {"labels": {"app": "web", **labels}},
        "spec": {"containers": [{"name": "web", "image": "web:v1", "resources": resources}]},
    }


def put(server: Server, kind: str, path: str, **rest: Any) -> dict[str, Any]:
    """Make an object of the shop; return it."""
    version = "v1" if path.startswith("/api/") else "apps/v1"
    owner, labels = rest.pop("owner", ""), rest.pop("labels", {"app": "web"})
    metadata = {"name": path.rpartition("/")[2], "namespace": "shop", "labels": labels}
    metadata |= rest.pop("metadata", {})
    if owner:
        metadata["ownerReferences"] = [{"kind": "x", "name": "x", "uid": owner}]
    server.put(version, kind, path, metadata, **rest)
    return server.objects[path]


def shop(
    message: str = "", cpu: str = "1", *, condition: str = "", spec: Any = (), **waiting: str
) -> Server:
    """Return a cluster whose new ReplicaSet has a condition, and a pod that waits."""
    server = Server()
    declared = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, **dict(spec)}
    live = put(server, "Deployment", WEB, spec={**declared, "template": template(cpu)}, status={})
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
    conditions = [{**failure, "message": condition}] if condition else []
    new = put(
        server,
        "ReplicaSet",
        f"{SETS}/web-2",
        owner=live["metadata"]["uid"],
        spec={"replicas": 1, "template": template(cpu, **{HASH: "2"})},
        status={"conditions": conditions},
    )
    old = put(
        server,
        "ReplicaSet",
        f"{SETS}/web-1",
        owner=live["metadata"]["uid"],
        spec={"replicas": 1, "template": template("9", **{HASH: "1"})},
        status={"conditions": [{**failure, "message": "of the release before"}]},
    )
    waits = {"waiting": {"reason": "InvalidImageName"}}
    bad = {"containerStatuses": [{"name": "web", "state": waits}]}
    put(server, "Pod", f"{SPACE}/pods/old", owner=old["metadata"]["uid"], spec={}, status=bad)
    if waiting:
        own = {"type": "PodScheduled", "status": "False", "message": message, **waiting}
        status = {"conditions": [own]}
        put(
            server, "Pod", f"{SPACE}/pods/new", owner=new["metadata"]["uid"], spec={}, status=status
        )
    for name, size in (("a", "2"), ("b", "4")):
        room = {"allocatable": {"cpu": size}}
        server.put("v1", "Node", f"/api/v1/nodes/{name}", {"name": name}, status=room)
    return server


def judged(server: Server, path: str = WEB) -> tuple[list[str], str]:
    """Return the names of the reasons, and why waiting does not help."""
    live = server.objects[path]
    findings = reasons.of_workloads(api(server), {ObjectRef.of(live): live})
    (found,) = findings.values()
    return [reason.rule.name for reason in found.reasons], found.end.partition(": ask")[0]


def test_what_the_present_replica_set_is_refused_is_the_reason() -> None:
    server = shop(condition=SECURITY)
    server.refusing_pods = SECURITY

    assert judged(shop()) == ([], "")
    assert judged(server)[0] == ["Pod Security"]
    assert judged(server)[1].startswith(SECURITY)


def test_a_refusal_that_is_over_does_not_end_the_wait() -> None:
    assert judged(shop(condition=SECURITY)) == (["Pod Security"], "")


def test_a_quota_ends_the_wait_unless_pods_are_going() -> None:
    server = shop(condition=QUOTA)
    server.refusing_pods = QUOTA
    assert judged(server) == (["quota"], QUOTA)

    going = {"deletionTimestamp": "now"}
    put(server, "Pod", f"{SPACE}/pods/other", labels={}, metadata=going, spec={}, status={})
    assert judged(server) == (["quota"], "")


@pytest.mark.parametrize(("cpu", "ends"), [("4", False), ("5", True)])
def test_only_what_no_node_could_hold_ends_the_wait(cpu: str, ends: bool) -> None:  # noqa: FBT001 - a table
    server = shop("0/2 nodes are available", cpu, reason="Unschedulable")
    assert judged(server) == (["scheduling"], "0/2 nodes are available" if ends else "")

    path = f"/api/v1/namespaces/{AUTOSCALER.namespace}/configmaps/{AUTOSCALER.name}"
    put(server, "ConfigMap", path, metadata={"namespace": AUTOSCALER.namespace})
    assert judged(server) == (["scheduling"], "")


def test_a_daemon_sets_events_and_nodes_are_looked_at() -> None:
    server = shop()
    status = {"desiredNumberScheduled": 1, "observedGeneration": 1, "numberAvailable": 0}
    agent = put(
        server,
        "DaemonSet",
        AGENT,
        metadata={"annotations": {GENERATION: "2"}},
        spec={"selector": {"matchLabels": {"app": "web"}}, "template": template()},
        status=status,
    )
    event = {"reason": "FailedCreate", "message": f"Error creating: {QUOTA}", "lastTimestamp": "1"}
    put(server, "Event", f"{SPACE}/events/e", **event)
    server.refusing_pods = QUOTA

    assert judged(server, AGENT) == (["quota"], f"Error creating: {QUOTA}")
    put(
        server,
        "Pod",
        f"{SPACE}/pods/agent",
        owner=agent["metadata"]["uid"],
        labels={"app": "web", POD_GENERATION: "2"},
        spec={"nodeName": "a"},
        status={},
    )
    key = ObjectRef.of(agent)
    status_of = reasons.of_workloads(api(server), {key: agent})[key].status
    assert status_of is not None
    assert status_of.state == "done"
    assert status_of.text.endswith("its pod follows when it is back: node a (NotReady)")


def test_the_wait_ends_at_once_and_says_why_once(capsys: pytest.CaptureFixture[str]) -> None:
    server = shop(condition=SECURITY)
    server.refusing_pods = SECURITY

    (failure,) = wait.for_rollouts(api(server), "", [server.objects[WEB]], Progress(None), FAST)

    assert failure.reason.startswith(SECURITY)
    assert not any(SECURITY in line for line in failure.details)
    assert capsys.readouterr().err.count(SECURITY) == 1


def test_a_deployment_paused_by_hand_ends_the_wait() -> None:
    server = shop(spec={"paused": True})
    meant = {**server.objects[WEB], "spec": {}}

    (failure,) = wait.for_rollouts(api(server), "", [meant], Progress(None), FAST)

    assert "kubectl rollout resume deployment/web -n shop" in failure.reason


def test_one_that_failed_ends_the_waiting_for_the_others() -> None:
    server = shop(condition=SECURITY)
    server.refusing_pods = SECURITY
    other = put(server, "Deployment", f"{APPS}/deployments/other", spec={"replicas": 1}, status={})

    failures = wait.for_rollouts(
        api(server), "", [server.objects[WEB], other], Progress(None), FAST
    )

    assert [str(failure.key) for failure in failures] == [
        "Deployment shop/web",
        "Deployment shop/other",
    ]
    assert failures[1].reason == ("no longer waited for (waiting to be noticed by its controller)")


def test_a_reason_that_may_heal_is_told_when_the_time_is_up() -> None:
    server = shop("0/2 nodes are available", reason="Unschedulable")
    meant = {**server.objects[WEB]}
    meant["metadata"] = {**meant["metadata"], "annotations": NO_TIME}

    (failure,) = wait.for_rollouts(api(server), "", [meant], Progress(None), FAST)

    assert failure.reason.startswith("not done in time")
    assert failure.details[0].startswith("0/2 nodes are available: ask for less")
