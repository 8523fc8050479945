"""Each stack from nothing to gone, as a user runs it."""

import json

import pytest

from kubia.manifests.pods import PRE_STOP_SECONDS
from tests.e2e.harness import Cluster, Project, eventually, page

pytestmark = pytest.mark.e2e

STACKS = [
    pytest.param("dev", "v1", 1, "http://127.0.0.1:30080", id="dev"),
    pytest.param("staging", "v2", 2, "http://127.0.0.1:30081", id="staging"),
    pytest.param("prod", "v2", 3, None, id="prod"),
]


@pytest.mark.parametrize(("stack", "version", "pods", "url"), STACKS)
def test_a_stack_comes_up_from_nothing_serves_and_goes(
    kube: Cluster, project: Project, stack: str, version: str, pods: int, url: str | None
) -> None:
    namespace = f"kubia-{stack}"
    assert kube.get("namespace", namespace, namespace) is None

    project.up(stack)
    served = eventually(
        lambda: kube.fetch(namespace, f"http://kubia.{namespace}.svc.cluster.local") or None,
        "the page through the Service",
    )
    assert served.startswith(f"This is {version} running in pod kubia-")
    assert kube.fetch(namespace, f"http://hello.{namespace}.svc.cluster.local") == "hello world"
    if url:
        assert (page(url) or "").startswith(f"This is {version} running in pod kubia-")
    eventually(lambda: len(kube.pods(namespace, "kubia")) == pods, f"{pods} pods", 90)

    outputs = json.loads(project.kubia("outputs", "--stack", stack, "--json").out)
    assert outputs["nodePortUrls"] == ([url] if url else [])
    assert outputs["services"] == ["kubia", "hello"]

    unchanged = project.kubia("preview", "--stack", stack, "--exit-code")
    assert unchanged.code == 0, unchanged.text
    before = kube.writes()
    project.up(stack)
    assert kube.writes() == before

    if stack == "prod":
        refused = project.kubia("down", "--stack", stack, "--yes")
        assert refused.code != 0
        assert "protect" in refused.text
        assert kube.get("deployment", namespace, "kubia") is not None
        project.change(stack, {"protect": False})
        project.up(stack)
    gone = project.kubia("down", "--stack", stack, "--yes")
    assert gone.code == 0, gone.text
    assert kube.get("namespace", namespace, namespace) is None


def test_changed_content_rolls_only_that_site(kube: Cluster, project: Project) -> None:
    project.change("dev", {"sites.other": {"content": {"index.html": "other"}}})
    project.up("dev")
    before = {app: kube.pods("kubia-dev", app) for app in ("kubia", "hello", "other")}
    old = {c["metadata"]["name"] for c in kube.get("configmap", "kubia-dev")}

    project.change("dev", {"sites.hello.content": {"index.html": "hello again"}})
    changed = project.kubia("preview", "--stack", "dev", "--exit-code")
    assert changed.code == 3, changed.text
    assert "ConfigMap kubia-dev/hello-" in changed.text
    project.up("dev")

    # The old pod has left the Service, but serves until every proxy knows, for PRE_STOP_SECONDS.
    url = "http://hello.kubia-dev.svc.cluster.local"
    eventually(
        lambda: kube.fetch("kubia-dev", url) == "hello again", "the new page", PRE_STOP_SECONDS + 5
    )
    assert kube.pods("kubia-dev", "kubia") == before["kubia"]
    assert kube.pods("kubia-dev", "other") == before["other"]
    assert not kube.pods("kubia-dev", "hello").keys() & before["hello"].keys()
    new = {c["metadata"]["name"] for c in kube.get("configmap", "kubia-dev")}
    assert len(old - new) == len(new - old) == 1


def test_what_is_no_longer_declared_is_pruned_and_nothing_else(
    kube: Cluster, project: Project
) -> None:
    project.up("dev")
    declared = kube.get("deployment", "kubia-dev", "hello")
    foreign = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "foreign",
            "namespace": "kubia-dev",
            "labels": declared["metadata"]["labels"],
        },
        "data": {"mine": "yes"},
    }
    kube.kubectl("apply", "-f", "-", stdin=json.dumps(foreign))

    project.change("dev", {"sites.hello": None})
    project.up("dev")

    for kind in ("deployment", "service"):
        assert kube.get(kind, "kubia-dev", "hello") is None
    names = {c["metadata"]["name"] for c in kube.get("configmap", "kubia-dev")}
    assert "foreign" in names
    assert not [name for name in names if name.startswith("hello-")]
    assert kube.get("deployment", "kubia-dev", "kubia") is not None


def test_an_agent_runs_on_the_nodes_that_carry_the_label(kube: Cluster, project: Project) -> None:
    project.up("dev")
    node = kube.get("nodes", "default")[0]["metadata"]["name"]
    assert kube.pods("kubia-dev", "ssd-monitor") == {}
    try:
        kube.kubectl("label", "node", node, "disk=ssd")
        eventually(lambda: kube.pods("kubia-dev", "ssd-monitor") or None, "a pod on the ssd node")
        eventually(
            lambda: (
                "SSD OK"
                in kube.kubectl("logs", "-n", "kubia-dev", "daemonset/ssd-monitor", check=False)
            ),
            "the agent's log",
        )
        kube.kubectl("label", "node", node, "disk=hdd", "--overwrite")
        eventually(lambda: not kube.pods("kubia-dev", "ssd-monitor"), "the pod leaves the node")
    finally:
        kube.kubectl("label", "node", node, "disk-")
    assert (
        kube.get("daemonset", "kubia-dev", "ssd-monitor")["status"]["desiredNumberScheduled"] == 0
    )
