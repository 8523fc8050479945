"""Writes that fail, are refused, or whose outcome nobody knows."""

import time
from pathlib import Path

import pytest

from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.faults import Fault, Request, once, status
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy


@pytest.fixture(name="operator")
def _operator(start: Start) -> Operator:
    operator = start()
    operator.wait_leading()
    return operator


def _site_write(request: Request) -> bool:
    return request.site_write


@pytest.mark.usefixtures("operator")
def test_faults_18_22_23_writes_that_fail(namespace: Namespace, proxy: Proxy) -> None:
    faults = {
        "18-conflict": status(409, "Conflict"),
        "22-500": status(500, "InternalError"),
        "22-502": status(502, "BadGateway"),
        "22-503": status(503, "ServiceUnavailable"),
        "22-504": status(504, "Timeout"),
        "23-connection-lost-before-the-write": Fault(drop=True),
        "23-answer-lost-after-the-write": Fault(lose=True),
        "sent-twice": Fault(twice=True),
    }
    for name, fault in faults.items():
        with proxy.rule(once(_site_write, fault, times=3)):
            namespace.source(name)

            assert deviations(namespace, proxy, quiet=0.2) == [], name
    assert deviations(namespace, proxy) == []


@pytest.mark.usefixtures("operator")
def test_fault_23_answer_to_each_write_of_a_change_lost(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []
    lost: set[str] = set()

    def rule(request: Request) -> Fault | None:
        if not request.site_write or request.path in lost:
            return None
        lost.add(request.path)
        return Fault(lose=True)

    with proxy.rule(rule):
        namespace.edit("hello", "changed")
        assert deviations(namespace, proxy) == []
    assert len(lost) == 3  # The new content, the Deployment, the old content.


@pytest.mark.usefixtures("operator")
def test_fault_23_answer_comes_when_the_object_is_gone(namespace: Namespace, proxy: Proxy) -> None:
    def rule(request: Request) -> Fault | None:
        if not request.site_write or request.path in gone:
            return None
        gone.add(request.path)
        return Fault(after=lambda: namespace.cluster.call("DELETE", request.path), delay=1)

    gone: set[str] = set()
    with proxy.rule(rule):
        namespace.source("hello")

        assert deviations(namespace, proxy) == []
    assert len(gone) == 3


@pytest.mark.usefixtures("operator")
def test_fault_21_429_with_retry_after(namespace: Namespace, proxy: Proxy) -> None:
    busy = status(429, "TooManyRequests")
    times: list[float] = []

    def rule(request: Request) -> Fault | None:
        if not request.site_write:
            return None
        times.append(time.monotonic())
        return Fault(answer=busy.answer, headers={"Retry-After": "2"}) if len(times) < 3 else None

    with proxy.rule(rule):
        namespace.source("hello")
        assert deviations(namespace, proxy) == []
    assert times[1] - times[0] >= 1.9
    assert times[2] - times[1] >= 1.9


@pytest.mark.usefixtures("operator")
def test_fault_26_invalid_is_no_hot_loop(namespace: Namespace, proxy: Proxy) -> None:
    count = [0]

    def rule(request: Request) -> Fault | None:
        if "/deployments/" not in request.path or not request.write:
            return None
        count[0] += 1
        return status(422, "Invalid", "spec: is bad")

    with proxy.rule(rule):
        namespace.source("hello")
        messages = until("there is an event", lambda: namespace.events("Invalid"))
        time.sleep(4)
    assert "spec: is bad" in messages[0]
    assert count[0] <= 8
    namespace.edit("hello", "better")  # A change does not wait for the next try.
    assert deviations(namespace, proxy) == []


def test_fault_24_token_is_read_again_when_it_is_refused(
    namespace: Namespace, proxy: Proxy, start: Start, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("one")
    refused: list[Request] = []

    def rule(request: Request) -> Fault | None:
        if request.authorization == f"Bearer {token.read_text()}":
            return None
        refused.append(request)
        return status(401, "Unauthorized")

    with proxy.rule(rule):
        start(token_file=str(token)).wait_leading()
        assert refused == []
        renewed = tmp_path / "renewed"
        renewed.write_text("two")
        renewed.replace(token)  # As the kubelet does: no reader meets a half-written one.
        proxy.cut()
        namespace.source("hello")

        assert deviations(namespace, proxy) == []
    assert {request.authorization for request in refused} == {"Bearer one"}
    assert len(refused) < 20


def test_fault_25_forbidden_in_one_namespace(
    namespace: Namespace, other_namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    def rule(request: Request) -> Fault | None:
        theirs = f"/namespaces/{other_namespace.name}/" in request.path
        return status(403, "Forbidden") if theirs else None

    with proxy.rule(rule):
        operator = start(namespaces=f"{namespace.name},{other_namespace.name}")
        namespace.source("hello")
        other_namespace.source("hello")

        assert deviations(namespace, proxy) == []
        assert other_namespace.get("Deployment", "hello") is None
        assert operator.probe("/readyz")[0] == 200
    assert deviations(other_namespace, proxy) == []
