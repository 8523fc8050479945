"""Crashes: killed at every single write, and never anything half done for good."""

import signal
from collections.abc import Callable
from itertools import count

import pytest

from tests.operator.cluster import LABEL, Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.faults import Fault, Request, Rule
from tests.operator.process import Operator, deviations, forget_lease
from tests.operator.proxy import Proxy

_Deed = Callable[[Namespace, str], object]


def _kill(operator: Operator) -> Fault:
    """Kill it when its write is done, but not yet answered."""
    return Fault(after=lambda: operator.signal(signal.SIGKILL), lose=True)


def _kill_at(number: int, operator: Operator) -> Rule:
    """Kill the operator at its n-th write, be it to a site or an event."""
    writes = count(1)

    def rule(request: Request) -> Fault | None:
        return _kill(operator) if request.write and next(writes) == number else None

    return rule


def _create(namespace: Namespace, name: str) -> None:
    namespace.source(name)


def _change(namespace: Namespace, name: str) -> None:
    namespace.edit(name, "changed")


@pytest.mark.parametrize(
    ("deed", "at_least"),
    [
        pytest.param(_create, 4, id="fault_01: content, Deployment, Service, event"),
        pytest.param(_change, 4, id="fault_05: content, Deployment, event, the old content"),
        pytest.param(Namespace.unlabel, 3, id="fault_03: Deployment, Service, content"),
    ],
)
def test_faults_01_03_05_killed_at_every_write(
    deed: _Deed,
    at_least: int,
    cluster: Cluster,
    namespace: Namespace,
    proxy: Proxy,
    start: Start,
) -> None:
    operator = start()
    operator.wait_leading()
    for number in count(1):
        name = f"site-{number}"
        if deed is not _create:
            namespace.source(name)
            assert deviations(namespace, proxy, quiet=0.2) == []

        with proxy.rule(_kill_at(number, operator)):
            deed(namespace, name)
            until(
                "it is dead, or all is done",
                lambda: not operator.running or not namespace.wrong(),  # noqa: B023 - called at once
            )
            if operator.running and not deviations(namespace, proxy) and operator.running:
                break  # There are fewer writes than that: it was killed at each.
        forget_lease(cluster, namespace.name)
        operator = start()
        operator.wait_leading()

        assert deviations(namespace, proxy) == []
        assert namespace.get("ConfigMap", name)
    assert number - 1 >= at_least


def test_fault_02_killed_between_service_and_event(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    operator = start()
    operator.wait_leading()

    def rule(request: Request) -> Fault | None:
        return _kill(operator) if "/events/" in request.path else None

    with proxy.rule(rule):
        namespace.source("hello")
        until("it is dead", lambda: not operator.running)
    forget_lease(cluster, namespace.name)
    before = len(proxy.site_writes)

    start()

    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []


def test_fault_19_half_a_site_of_its_own_is_completed(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    operator.stop()
    namespace.delete("Service", "hello")
    before = len(proxy.site_writes)

    start()

    assert deviations(namespace, proxy) == []
    assert len(proxy.site_writes) - before == 1


def test_restart_with_unchanged_sites_writes_nothing(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    for number in range(10):
        namespace.source(f"site-{number}", labels={**LABEL, "team": "a"})
    operator = start()
    assert deviations(namespace, proxy) == []
    operator.stop()
    before = len(proxy.writes)

    start().wait_leading()

    assert deviations(namespace, proxy) == []
    assert proxy.writes[before:] == []
