"""NodeAgent: a DaemonSet on the nodes that carry a label."""

from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.node_agent import NodeAgent
from kubia.manifests.parse import parse
from tests.unit import samples
from tests.unit.objects import pod_labels, pod_of, selects
from tests.unit.programs import Recorder, computed


def test_an_agent_is_one_daemon_set(record: Recorder) -> None:
    graph = record.under_provider(samples.agent("ssd-monitor"))
    assert [(m["kind"], m["metadata"]["name"]) for m in graph.manifests] == [
        ("DaemonSet", "ssd-monitor")
    ]


def test_it_runs_on_the_nodes_that_carry_the_label(record: Recorder) -> None:
    manifest = record.under_provider(samples.agent()).one("DaemonSet").inputs
    assert pod_of(manifest)["nodeSelector"] == {"disk": "ssd"}
    assert pod_of(manifest)["containers"][0]["name"] == "main"


def test_with_no_label_it_runs_on_every_node(record: Recorder) -> None:
    manifest = record.under_provider(samples.agent(node_selector={})).one("DaemonSet").inputs
    assert "nodeSelector" not in pod_of(manifest)


def test_it_selects_its_own_pods(record: Recorder) -> None:
    manifest = record.under_provider(samples.agent()).one("DaemonSet").inputs
    assert selects(manifest["spec"]["selector"]["matchLabels"], pod_labels(manifest))


def test_command_environment_and_tolerations_reach_the_pod(record: Recorder) -> None:
    graph = record.under_provider(samples.agent(**samples.FULL_AGENT))
    pod = pod_of(graph.one("DaemonSet").inputs)
    assert pod["containers"][0]["command"] == ["/bin/monitor", "--verbose"]
    assert pod["containers"][0]["env"] == [{"name": "INTERVAL", "value": "5"}]
    assert pod["tolerations"] == [
        {"operator": "Exists"},
        {"key": "gpu", "value": "true", "effect": "NoSchedule", "operator": "Equal"},
    ]


@pytest.mark.parametrize("nodes", [1, 3])
def test_an_update_takes_as_many_nodes_at_a_time_as_it_may(record: Recorder, nodes: int) -> None:
    manifest = record.under_provider(samples.agent(max_unavailable=nodes)).one("DaemonSet").inputs
    assert manifest["spec"]["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": nodes},
    }


LOGS = {
    "volumes": [{"name": "logs", "hostPath": {"path": "/var/log"}}],
    "containers": [{"name": "main", "volumeMounts": [{"name": "logs", "mountPath": "/logs"}]}],
}


def test_what_is_added_to_an_agent_is_in_its_daemon_set(record: Recorder) -> None:
    added = {
        "metadata": {"labels": {"team": "nodes"}},
        "spec": {"revisionHistoryLimit": 3, "template": {"spec": LOGS}},
    }
    agent = samples.agent(pod_security="privileged", raw={"daemonSet": added})
    manifest = record.under_provider(agent).one("DaemonSet").inputs
    assert manifest["metadata"]["labels"]["team"] == "nodes"
    assert manifest["spec"]["revisionHistoryLimit"] == 3
    assert [each["name"] for each in pod_of(manifest)["volumes"]] == ["tmp", "logs"]
    assert pod_of(manifest)["containers"][0]["image"] == "ssd-monitor:v1"
    assert [mount["name"] for mount in pod_of(manifest)["containers"][0]["volumeMounts"]] == [
        "tmp",
        "logs",
    ]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a selector": (
        {"daemonSet": {"spec": {"selector": {}}}},
        "raw.daemonSet.spec.selector: is kubia's to set, for others rely on it; leave it out",
    ),
    "how it is updated": (
        {"daemonSet": {"spec": {"updateStrategy": {"type": "OnDelete"}}}},
        "raw.daemonSet.spec.updateStrategy: is for maxUnavailable to say; leave it out",
    ),
    "another object": (
        {"deployment": {}},
        "raw.deployment: is no object that can be added to; known are daemonSet",
    ),
    "less than the level": (
        {"daemonSet": {"spec": {"template": {"spec": LOGS}}}},
        (
            "podSecurity: is restricted, but in the pod volume logs is a hostPath; change that, or "
            "set podSecurity to privileged"
        ),
    ),
}


@pytest.mark.parametrize(("added", "text"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_added_to_an_agent_is_refused(added: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(NodeAgent, {"image": "ssd-monitor:v1", "node_selector": {}, "raw": added})
    assert str(caught.value) == text


def test_an_image_of_another_resource_reaches_the_pod(record: Recorder) -> None:
    graph = record.under_provider(
        samples.later(samples.agent, image=lambda: computed("monitor:v2"))
    )
    daemon_set = graph.one("DaemonSet")
    image = ("spec", "template", "spec", "containers", 0, "image")
    assert (image in daemon_set.unknowns) == record.preview
    assert record.preview or pod_of(daemon_set.inputs)["containers"][0]["image"] == "monitor:v2"


def test_its_name_is_its_output(record: Recorder) -> None:
    graph = record.under_provider(samples.agent("ssd-monitor"))
    component = graph.one("kubia:index:NodeAgent")
    assert graph.registered_outputs(component) == {"name": "ssd-monitor"}
