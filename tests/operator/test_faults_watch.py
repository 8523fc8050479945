"""Watches that end, break, fall silent or are too old."""

import json
import time

import pytest

from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import deviations
from tests.operator.proxy import Fault, Proxy, Request, once, status

_EXPIRED = {
    "type": "ERROR",
    "object": {
        "kind": "Status",
        "code": 410,
        "reason": "Expired",
        "message": "too old resource version",
    },
}


def _lists(proxy: Proxy) -> int:
    """Return how many lists of a whole kind were asked for."""
    return sum(r.method == "GET" and "limit" in r.query for r in proxy.requests)


def _is_watch(request: Request) -> bool:
    return request.watch


@pytest.fixture(name="served")
def _served(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    """Start an operator that makes one site."""
    namespace.source("hello")
    start()
    assert deviations(namespace, proxy, quiet=0.5) == []


@pytest.mark.usefixtures("served")
def test_fault_11_watch_closed_cleanly(namespace: Namespace, proxy: Proxy) -> None:
    lists = _lists(proxy)

    proxy.end_watches()
    namespace.edit("hello", "changed")

    assert deviations(namespace, proxy) == []
    assert _lists(proxy) == lists


@pytest.mark.usefixtures("served")
def test_fault_12_watch_cut_in_the_middle_of_a_line(namespace: Namespace, proxy: Proxy) -> None:
    lists = _lists(proxy)

    proxy.cut(half_line=b'{"type":"MODIFIED","object":{"kind":"ConfigMap","metada')
    namespace.edit("hello", "changed")

    assert deviations(namespace, proxy) == []
    assert _lists(proxy) == lists


def test_fault_13_silent_watch_turns_liveness_red_and_heals(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.5) == []

    with proxy.silence():
        namespace.edit("hello", "changed")
        until("it is unwell", lambda: operator.probe("/livez")[0] == 503, seconds=90)
    proxy.cut()

    assert deviations(namespace, proxy) == []
    assert operator.probe("/livez")[0] == 200


@pytest.mark.usefixtures("served")
def test_fault_14_410_in_the_stream(namespace: Namespace, proxy: Proxy) -> None:
    lists = _lists(proxy)

    proxy.say(json.dumps(_EXPIRED).encode())
    namespace.edit("hello", "changed")

    assert deviations(namespace, proxy) == []
    assert _lists(proxy) > lists


@pytest.mark.usefixtures("served")
def test_fault_15_410_when_a_watch_begins(namespace: Namespace, proxy: Proxy) -> None:
    with proxy.rule(once(_is_watch, status(410, "Expired"), times=4)):
        proxy.cut()
        namespace.edit("hello", "changed")

        assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("served")
def test_fault_15_410_of_the_api_server_itself(namespace: Namespace, proxy: Proxy) -> None:
    lists = _lists(proxy)
    with proxy.rule(once(_is_watch, Fault(query={"resourceVersion": "1"}), times=4)):
        proxy.cut()
        namespace.edit("hello", "changed")

        assert deviations(namespace, proxy) == []
    assert _lists(proxy) > lists


@pytest.mark.usefixtures("served")
def test_fault_16_deleted_between_410_and_list(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("lost")
    namespace.source("unlabelled")
    assert deviations(namespace, proxy, quiet=0.5) == []

    with proxy.outage():
        time.sleep(0.3)
        namespace.delete("ConfigMap", "lost")
        patch = {"metadata": {"labels": {"kubia.io/site": None}}}
        namespace.patch("ConfigMap", "unlabelled", patch)
        namespace.delete("Service", "hello")
        rule = once(_is_watch, status(410, "Expired"), times=4)
    with proxy.rule(rule):
        assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("served")
def test_fault_17_storm_of_updates(namespace: Namespace, proxy: Proxy) -> None:
    before = len(proxy.site_writes)

    for number in range(100):
        namespace.edit("hello", f"version {number}")

    assert deviations(namespace, proxy) == []
    assert namespace.get("ConfigMap", "hello")["data"] == {"index.html": "version 99"}  # type: ignore[index]
    rolls = [r for r in proxy.site_writes[before:] if "/deployments/" in r.path]
    assert len(rolls) <= 10
    assert len(namespace.all("ConfigMap", "app.kubernetes.io/managed-by=kubia-operator")) == 1


@pytest.mark.usefixtures("served")
def test_an_event_told_twice_changes_nothing(namespace: Namespace, proxy: Proxy) -> None:
    live = namespace.get("ConfigMap", "hello")
    before = len(proxy.writes)

    proxy.say(json.dumps({"type": "MODIFIED", "object": live}).encode())

    assert deviations(namespace, proxy) == []
    assert proxy.writes[before:] == []
