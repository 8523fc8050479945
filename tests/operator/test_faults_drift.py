"""What others do to the objects of a site: drift is repaired, what is theirs is left alone."""

from typing import Any

import pytest

from kubia.manifests.site_source import SiteOptions
from kubia.manifests.values import Object
from tests.operator.cluster import Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy

_DEPLOYMENT = "Deployment"


@pytest.fixture(name="operator")
def _operator(namespace: Namespace, proxy: Proxy, start: Start) -> Operator:
    """Start an operator that makes one site."""
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    return operator


def _template(namespace: Namespace) -> Any:
    live = namespace.get(_DEPLOYMENT, "hello")
    assert live
    return live["spec"]["template"]


_CONTAINER = {"name": "nginx", "image": "evil:1", "ports": [{"containerPort": 8080}]}


@pytest.mark.usefixtures("operator")
def test_fault_34_edited(namespace: Namespace, proxy: Proxy) -> None:
    edits: list[tuple[str, Object]] = [
        (_DEPLOYMENT, {"spec": {"replicas": 3}}),
        (_DEPLOYMENT, {"spec": {"template": {"spec": {"containers": [_CONTAINER]}}}}),
        (_DEPLOYMENT, {"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": 1}}}}),
        (_DEPLOYMENT, {"metadata": {"ownerReferences": None}}),
        (_DEPLOYMENT, {"metadata": {"labels": None}}),
        ("Service", {"spec": {"selector": {"app": "other"}}}),
        ("Service", {"spec": {"selector": {"more": "x"}}}),
        ("Service", {"metadata": {"labels": None}}),
        ("Service", {"metadata": {"ownerReferences": None}}),
    ]
    for kind, patch in edits:
        namespace.patch(kind, "hello", patch)

        assert deviations(namespace, proxy, quiet=0.2) == [], patch
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_34_labels_and_owner_of_the_content_stripped(
    namespace: Namespace, proxy: Proxy
) -> None:
    for part in ("labels", "ownerReferences"):
        namespace.patch("ConfigMap", "hello-1dcdfc276c", {"metadata": {part: None}})

        assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_34_deleted(namespace: Namespace, proxy: Proxy) -> None:
    for kind, name in (
        (_DEPLOYMENT, "hello"),
        ("Service", "hello"),
        ("ConfigMap", "hello-1dcdfc276c"),
    ):
        namespace.delete(kind, name)

        assert deviations(namespace, proxy, quiet=0.2) == [], kind
    assert deviations(namespace, proxy) == []


def test_fault_34_content_replaced_by_other_content(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, operator: Operator, start: Start
) -> None:
    content = namespace.get("ConfigMap", "hello-1dcdfc276c")
    assert content
    kept = {k: content["metadata"][k] for k in ("name", "labels", "ownerReferences")}
    fake = {"metadata": kept, "immutable": True, "data": {"index.html": "evil"}}
    operator.stop()
    namespace.delete("ConfigMap", "hello-1dcdfc276c")
    stranger = cluster.create(namespace.path("ConfigMap"), fake)

    start()

    until("it is told", lambda: namespace.events("NotOurs"))
    live = namespace.get("ConfigMap", "hello-1dcdfc276c")
    assert live
    assert live["metadata"]["uid"] == stranger["metadata"]["uid"]
    namespace.delete("ConfigMap", "hello-1dcdfc276c")
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_34_scaled_by_hand(cluster: Cluster, namespace: Namespace, proxy: Proxy) -> None:
    path = f"{namespace.path(_DEPLOYMENT, 'hello')}/scale"

    cluster.merge(path, {"spec": {"replicas": 3}}, manager="kubectl")

    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_35_autoscaler_keeps_its_replicas(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    path = f"{namespace.path(_DEPLOYMENT, 'hello')}/scale"
    before = len(proxy.site_writes)

    cluster.merge(path, {"spec": {"replicas": 3}}, manager="kube-controller-manager")

    namespace.source("other")
    until("the operator went on", lambda: namespace.get("Service", "other"))
    assert [r for r in proxy.site_writes[before:] if r.path.endswith("/hello")] == []
    namespace.edit("hello", "changed")
    until("it rolled", lambda: len([r for r in proxy.site_writes if r.path.endswith("/hello")]) > 2)
    live = namespace.get(_DEPLOYMENT, "hello")
    assert live
    assert live["spec"]["replicas"] == 3
    namespace.options = SiteOptions(replicas=3)
    namespace.delete("ConfigMap", "other")
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_35_injected_container_and_restart_mark_stay(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    path = f"{namespace.path(_DEPLOYMENT, 'hello')}?fieldManager=injector"
    mark = {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}
    sidecar = {"spec": {"containers": [{"name": "side", "image": "side:1"}]}}
    patch = {"spec": {"template": {"metadata": mark, **sidecar}}}
    before = len(proxy.site_writes)

    cluster.call("PATCH", path, patch, "application/strategic-merge-patch+json")

    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []
    template = _template(namespace)
    assert {c["name"] for c in template["spec"]["containers"]} == {"nginx", "side"}
    assert template["metadata"]["annotations"] == mark["annotations"]
