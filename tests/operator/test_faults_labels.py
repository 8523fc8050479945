"""Labels, owners and finalizers: what is the operator's, and what is not."""

import time
from typing import Any

import pytest

from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy


@pytest.fixture(name="operator")
def _operator(start: Start) -> Operator:
    operator = start()
    operator.wait_leading()
    return operator


@pytest.mark.usefixtures("operator")
def test_fault_08_label_added_to_an_old_config_map(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello", labels={})

    namespace.patch("ConfigMap", "hello", {"metadata": {"labels": {"kubia.io/site": "true"}}})

    assert deviations(namespace, proxy) == []
    assert namespace.get("Deployment", "hello")


@pytest.mark.usefixtures("operator")
def test_fault_09_label_removed(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []

    namespace.unlabel("hello")

    assert deviations(namespace, proxy) == []
    assert namespace.get("Deployment", "hello") is None
    assert namespace.get("Service", "hello") is None
    assert namespace.get("ConfigMap", "hello")


@pytest.mark.usefixtures("operator")
def test_fault_10_label_value_changed(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []

    namespace.patch("ConfigMap", "hello", {"metadata": {"labels": {"kubia.io/site": "false"}}})

    assert deviations(namespace, proxy) == []
    assert namespace.get("Deployment", "hello") is None


def test_fault_10_selector_changed_between_versions(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("old")
    namespace.source("new", labels={"kubia.io/site": "true", "web": "yes"})
    before = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    before.stop()

    after = start("--selector", "web=yes")

    until("it is told", lambda: namespace.events("Left"))
    assert namespace.get("Deployment", "old")
    assert namespace.get("Service", "old")
    assert {r["source"] for r in after.records() if r["message"] == "left"} == {"old"}
    after.stop()
    start("--selector", "web=yes", "--prune-orphans")
    namespace.selector = "web=yes"
    assert deviations(namespace, proxy) == []
    assert namespace.get("Deployment", "old") is None
    assert namespace.get("Deployment", "new")
    assert len(namespace.events("Removed")) == 1


def test_fault_10_two_operators_of_two_selectors_in_one_namespace(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    start()
    namespace.source("hello")
    namespace.source("both", labels={"kubia.io/site": "true", "web": "yes"})
    assert deviations(namespace, proxy, quiet=0.2) == []
    before = len(proxy.site_writes)

    other = start("--selector", "web=yes", "--lease-name", "web", "--image", "kubia-nginx:web")

    other.wait_leading()
    namespace.source("web", labels={"web": "yes"})
    until("its own is made", lambda: namespace.get("Service", "web"))
    until("the other's is told", lambda: namespace.events("NotOurs"))
    time.sleep(2)  # In which two that fight would write a dozen times.
    written = {request.path.rpartition("/")[2] for request in proxy.site_writes[before:]}
    assert all(name.startswith("web") for name in written), written
    namespace.delete("ConfigMap", "web")
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("kind", ["ConfigMap", "Deployment", "Service"])
def test_fault_20_strangers_object_is_never_touched(
    kind: str, namespace: Namespace, proxy: Proxy
) -> None:
    name = "hello-1dcdfc276c" if kind == "ConfigMap" else "hello"
    labels = {"matchLabels": {"app": "x"}}
    template = {
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "c", "image": "x"}]},
    }
    specs: dict[str, dict[str, Any]] = {
        "ConfigMap": {"data": {"a": "b"}},
        "Deployment": {"spec": {"replicas": 0, "selector": labels, "template": template}},
        "Service": {"spec": {"ports": [{"port": 80}]}},
    }
    spec = specs[kind]
    theirs = namespace.cluster.create(namespace.path(kind), {"metadata": {"name": name}, **spec})

    namespace.source("hello")
    namespace.source("other")

    messages = until("there is an event", lambda: namespace.events("NotOurs"))
    problem = f"{kind} {name} exists and is not the operator's; it stays untouched: "
    assert messages == [problem + "delete or rename it, or rename the ConfigMap"]
    goes_on = until("others go on", lambda: namespace.get("Service", "other"))
    assert goes_on
    live = namespace.get(kind, name)
    assert live
    assert live.get("spec") == theirs.get("spec")
    assert live["metadata"].get("labels") == theirs["metadata"].get("labels")
    namespace.delete(kind, name)
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_43_metadata_only_change_writes_nothing(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello", {"b": "1", "a": "2", "index.html": "x"})
    assert deviations(namespace, proxy) == []
    before = len(proxy.writes)

    namespace.patch("ConfigMap", "hello", {"metadata": {"annotations": {"a": "b"}}})
    namespace.patch("ConfigMap", "hello", {"metadata": {"labels": {"team": "x"}}})

    assert deviations(namespace, proxy) == []
    assert proxy.writes[before:] == []


@pytest.mark.usefixtures("operator")
def test_fault_46_finalizer_of_somebody_else(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []
    patch = {"metadata": {"finalizers": ["example.com/wait"]}}
    namespace.patch("ConfigMap", "hello", patch)
    before = len(proxy.site_writes)

    namespace.delete("ConfigMap", "hello")

    until("it waits", lambda: "deletionTimestamp" in str(namespace.get("ConfigMap", "hello")))
    assert namespace.get("Deployment", "hello")
    assert proxy.site_writes[before:] == []
    namespace.patch("ConfigMap", "hello", {"metadata": {"finalizers": None}})
    assert deviations(namespace, proxy) == []
    assert namespace.get("Deployment", "hello") is None


@pytest.mark.usefixtures("operator")
def test_fault_47_foreground_deletion(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []

    namespace.delete("ConfigMap", "hello", propagationPolicy="Foreground")

    until("it is gone", lambda: namespace.get("ConfigMap", "hello") is None)
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_47_orphaned_objects_stay_and_are_adopted_again(
    namespace: Namespace, proxy: Proxy
) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []
    uid = namespace.get("Deployment", "hello")["metadata"]["uid"]  # type: ignore[index]
    before = len(proxy.site_writes)

    namespace.delete("ConfigMap", "hello", propagationPolicy="Orphan")

    until("it is gone", lambda: namespace.get("ConfigMap", "hello") is None)
    assert [r for r in proxy.site_writes[before:] if r.method == "PATCH"] == []
    assert namespace.get("Deployment", "hello")
    namespace.source("hello")
    assert deviations(namespace, proxy) == []
    assert namespace.get("Deployment", "hello")["metadata"]["uid"] == uid  # type: ignore[index]
