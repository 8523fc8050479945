"""Crashes, and what happened while nobody watched."""

import signal
from contextlib import AbstractContextManager

import pytest

from tests.operator.cluster import LABEL, Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations, forget_lease
from tests.operator.proxy import Fault, Proxy, Request


def _kill_at(proxy: Proxy, number: int, operator: Operator) -> AbstractContextManager[None]:
    """Kill the operator when its n-th write to a site is done, but not yet answered."""
    count = [0]

    def rule(request: Request) -> Fault | None:
        count[0] += request.site_write
        if not request.site_write or count[0] != number:
            return None
        return Fault(after=lambda: operator.signal(signal.SIGKILL), lose=True)

    return proxy.rule(rule)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_fault_01_killed_between_creating_deployment_and_service(
    number: int, cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    operator = start()
    operator.wait_leading()
    with _kill_at(proxy, number, operator):
        namespace.source("hello")
        until("it is dead", lambda: not operator.running)
    forget_lease(cluster, namespace.name)

    start()

    assert deviations(namespace, proxy) == []


def test_fault_02_killed_between_service_and_event(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    operator = start()
    operator.wait_leading()

    def rule(request: Request) -> Fault | None:
        if "/events/" not in request.path:
            return None
        return Fault(after=lambda: operator.signal(signal.SIGKILL), lose=True)

    with proxy.rule(rule):
        namespace.source("hello")
        until("it is dead", lambda: not operator.running)
    forget_lease(cluster, namespace.name)
    before = len(proxy.site_writes)

    start()

    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_fault_03_killed_during_clean_up(
    number: int, cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    with _kill_at(proxy, number, operator):
        namespace.patch("ConfigMap", "hello", {"metadata": {"labels": {"kubia.io/site": None}}})
        until("it is dead", lambda: not operator.running)
    forget_lease(cluster, namespace.name)

    start()

    assert deviations(namespace, proxy) == []
    assert namespace.get("ConfigMap", "hello")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_fault_05_killed_while_content_changes(
    number: int, cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    with _kill_at(proxy, number, operator):
        namespace.edit("hello", "changed")
        until("it is dead", lambda: not operator.running)
    forget_lease(cluster, namespace.name)

    start()

    assert deviations(namespace, proxy) == []


def test_faults_04_05_06_07_changes_while_down(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    for name in ("changed", "deleted", "recreated", "unlabelled", "same"):
        namespace.source(name)
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    operator.stop()
    namespace.source("created")
    namespace.edit("changed", "new")
    namespace.delete("ConfigMap", "deleted")
    namespace.delete("ConfigMap", "recreated")
    namespace.source("recreated", "again")
    namespace.patch("ConfigMap", "unlabelled", {"metadata": {"labels": {"kubia.io/site": None}}})
    before = len(proxy.site_writes)

    start()

    assert deviations(namespace, proxy) == []
    assert not [r for r in proxy.site_writes[before:] if "/same" in r.path]


def test_fault_06_deleted_while_down_is_collected_without_the_operator(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    operator.stop()

    namespace.delete("ConfigMap", "hello")

    gone = until("all is gone", lambda: namespace.wrong() == [])
    assert gone


def test_fault_07_recreated_while_down_is_adopted(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    operator.stop()
    namespace.delete("ConfigMap", "hello", propagationPolicy="Background")
    uid = namespace.source("hello")["metadata"]["uid"]

    start()

    assert deviations(namespace, proxy) == []
    deployment = namespace.get("Deployment", "hello")
    assert deployment
    assert [o["uid"] for o in deployment["metadata"]["ownerReferences"]] == [uid]


def test_fault_19_half_a_site_of_its_own_is_completed(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    operator.stop()
    namespace.delete("Service", "hello")
    before = len(proxy.site_writes)

    start()

    assert deviations(namespace, proxy) == []
    assert len(proxy.site_writes) - before == 1


def test_fault_51_nothing_is_stuck_after_an_uninstall(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    operator.stop()

    cluster.call("DELETE", f"/api/v1/namespaces/{namespace.name}")

    path = f"/api/v1/namespaces/{namespace.name}"
    gone = until("the namespace is gone", lambda: cluster.find(path) is None)
    assert gone


def test_restart_with_unchanged_sites_writes_nothing(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    for number in range(10):
        namespace.source(f"site-{number}", labels={**LABEL, "team": "a"})
    operator = start()
    assert deviations(namespace, proxy, quiet=1) == []
    operator.stop()
    before = len(proxy.writes)

    start().wait_leading()

    assert deviations(namespace, proxy) == []
    assert proxy.writes[before:] == []
