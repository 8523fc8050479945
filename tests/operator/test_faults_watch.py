"""Watches that end, break, fall silent or are too old."""

import time

import pytest

from kubia.operator.throttle import ROLL_SECONDS
from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.faults import EXPIRED, Fault, Request, once, status
from tests.operator.process import deviations
from tests.operator.proxy import Proxy


def _is_watch(request: Request) -> bool:
    return request.watch


@pytest.fixture(name="served")
def _served(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    """Start an operator that makes one site."""
    namespace.source("hello")
    start()
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("served")
def test_fault_11_watch_closed_cleanly(namespace: Namespace, proxy: Proxy) -> None:
    lists = proxy.lists

    proxy.end_watches()
    namespace.edit("hello", "changed")

    assert deviations(namespace, proxy) == []
    assert proxy.lists == lists


@pytest.mark.usefixtures("served")
def test_fault_12_watch_cut_in_the_middle_of_a_line(namespace: Namespace, proxy: Proxy) -> None:
    lists = proxy.lists

    proxy.cut(half_line=b'{"type":"MODIFIED","object":{"kind":"ConfigMap","metada')
    namespace.edit("hello", "changed")

    assert deviations(namespace, proxy) == []
    assert proxy.lists == lists


def test_fault_13_silent_watch_turns_liveness_red_and_heals(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []

    with proxy.silence():
        namespace.edit("hello", "changed")
        until("it is unwell", lambda: operator.probe("/livez")[0] == 503, seconds=90)
    proxy.cut()

    assert deviations(namespace, proxy) == []
    assert operator.probe("/livez")[0] == 200


@pytest.mark.usefixtures("served")
def test_fault_14_410_in_the_stream(namespace: Namespace, proxy: Proxy) -> None:
    lists = proxy.lists

    proxy.say(EXPIRED)
    namespace.edit("hello", "changed")

    assert deviations(namespace, proxy) == []
    assert proxy.lists > lists


@pytest.mark.usefixtures("served")
def test_fault_15_410_when_a_watch_begins(namespace: Namespace, proxy: Proxy) -> None:
    with proxy.rule(once(_is_watch, status(410, "Expired"), times=4)):
        proxy.cut()
        namespace.edit("hello", "changed")

        assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("served")
def test_fault_15_watch_from_the_first_version(namespace: Namespace, proxy: Proxy) -> None:
    """An old API server answers 410 (test_faults_servers.py), a young one sends all again."""
    with proxy.rule(once(_is_watch, Fault(query={"resourceVersion": "1"}), times=4)):
        proxy.cut()
        namespace.edit("hello", "changed")

        assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("served")
def test_fault_16_deleted_between_410_and_list(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("lost")
    namespace.source("unlabelled")
    assert deviations(namespace, proxy, quiet=0.2) == []

    with proxy.outage():
        time.sleep(0.3)
        namespace.delete("ConfigMap", "lost")
        namespace.unlabel("unlabelled")
        namespace.delete("Service", "hello")
        rule = once(_is_watch, status(410, "Expired"), times=4)
    with proxy.rule(rule):
        assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("served")
def test_fault_17_storm_of_updates_rolls_a_few_times(namespace: Namespace, proxy: Proxy) -> None:
    before = len(proxy.site_writes)

    began = time.monotonic()
    for number in range(100):
        namespace.edit("hello", f"version {number}")
    took = time.monotonic() - began

    assert deviations(namespace, proxy) == []
    most = 2 + took / ROLL_SECONDS  # The first at once, the last when the storm is over.
    rolls = [r for r in proxy.site_writes[before:] if "/deployments/" in r.path]
    assert 1 <= len(rolls) <= most
    live = namespace.get("Deployment", "hello")
    assert live
    revision = live["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
    assert int(revision) == 1 + len(rolls)
    (content,) = namespace.all("ConfigMap", "app.kubernetes.io/managed-by=kubia-operator")
    assert content["data"]["index.html"] == "version 99"


@pytest.mark.usefixtures("served")
def test_an_event_sent_twice_changes_nothing(namespace: Namespace, proxy: Proxy) -> None:
    live = namespace.get("ConfigMap", "hello")
    before = len(proxy.writes)

    proxy.say({"type": "MODIFIED", "object": live})

    assert deviations(namespace, proxy) == []
    assert proxy.writes[before:] == []
