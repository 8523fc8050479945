"""kubia.live.nodes: nodes that are away, that are too small, and what a DaemonSet lacks there."""

from typing import Any

import pytest

from kubia.live import nodes
from kubia.live.rollout import RolloutStatus


def node(name: str, ready: str = "True", *taints: str, **allocatable: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"taints": [{"key": f"node.kubernetes.io/{taint}"} for taint in taints]},
        "status": {
            "conditions": [{"type": "Ready", "status": ready}],
            "allocatable": {"cpu": "4", "memory": "8Gi", **allocatable},
        },
    }


def test_nodes_that_are_away_are_named_with_the_reason() -> None:
    every = [
        node("well"),
        node("full", "True", "disk-pressure"),
        node("lost", "Unknown", "unreachable"),
        node("cordoned", "True", "unschedulable"),
        {"metadata": {"name": "new"}},
    ]

    assert nodes.unusable(every) == {
        "lost": "NotReady, unreachable",
        "cordoned": "unschedulable",
        "new": "NotReady",
    }


def asking(first: str = "0", limit: str = "", **requests: str) -> dict[str, Any]:
    resources = {"requests": requests, "limits": {"cpu": limit} if limit else {}}
    return {
        "initContainers": [{"resources": {"requests": {"cpu": first}}}],
        "containers": [{"resources": resources}, {}],
    }


@pytest.mark.parametrize(
    ("pod", "fits"),
    [
        (asking(cpu="4"), True),
        (asking(cpu="4001m"), False),
        (asking(memory="8Gi"), True),
        (asking(memory="9Gi"), False),
        (asking(first="5", cpu="1"), False),
        (asking(limit="5"), False),
        (asking(**{"example.com/gpu": "1"}), True),
        (asking(cpu="1e3"), True),
        ({}, True),
    ],
)
def test_what_a_node_could_hold(pod: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 - a table
    assert nodes.could_hold(node("a"), pod) == fits


def pod(on: str, generation: str, *, ready: bool = True, meant: bool = False) -> dict[str, Any]:
    fields = [{"key": "metadata.name", "operator": "In", "values": [on]}]
    terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    return {
        "metadata": {"labels": {nodes.POD_GENERATION: generation}},
        "spec": {"affinity": affinity} if meant else {"nodeName": on},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


WAITING = RolloutStatus("waiting", "2/3 nodes updated, 2 available")
AWAY = {"c": "NotReady", "elsewhere": "NotReady"}


@pytest.mark.parametrize(
    ("pods", "state"),
    [
        ([pod("a", "2"), pod("b", "2"), pod("c", "1", ready=False)], "done"),
        ([pod("a", "2"), pod("b", "2"), pod("c", "2", ready=False, meant=True)], "done"),
        ([pod("a", "2"), pod("b", "1"), pod("c", "1", ready=False)], "waiting"),
        ([pod("a", "2"), pod("b", "2", ready=False), pod("c", "1", ready=False)], "waiting"),
        ([pod("a", "2"), pod("b", "2")], "waiting"),
    ],
)
def test_a_daemon_set_is_done_where_nodes_can_run_it(pods: list[Any], state: str) -> None:
    live = {
        "kind": "DaemonSet",
        "metadata": {"annotations": {nodes.GENERATION: "2"}},
        "status": {"desiredNumberScheduled": 3},
    }

    status = nodes.without_unusable(WAITING, live, pods, AWAY)

    assert status.state == state
    assert ("node c (NotReady)" in status.text) == (len(pods) == 3)
    assert "elsewhere" not in status.text


def test_a_pod_of_another_revision_is_not_current() -> None:
    live = {"kind": "StatefulSet", "metadata": {}, "status": {"updateRevision": "b"}}

    def of(revision: str) -> dict[str, Any]:
        return {"metadata": {"labels": {nodes.REVISION_HASH: revision}}}

    assert nodes.is_current(live, of("b"))
    assert not nodes.is_current(live, of("a"))
    assert nodes.is_current({"kind": "Job"}, of("a"))
