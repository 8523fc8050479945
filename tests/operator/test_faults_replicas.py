"""Two operators at once: one leads, and what the other does then makes no difference."""

import signal
import time

import pytest

from kubia.operator.leader_election import DEADLINE_SECONDS, DURATION_SECONDS
from tests.operator.cluster import Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy


def _leads(operator: Operator) -> bool:
    return operator.metric("kubia_operator_leader ") == 1


@pytest.fixture(name="first")
def _first(start: Start) -> Operator:
    operator = start()
    operator.wait_leading()
    return operator


@pytest.fixture(name="second")
def _second(first: Operator, start: Start) -> Operator:
    """Start a standby; it knows all that the leader knows."""
    del first
    operator = start()
    until("the other is ready", lambda: operator.probe("/readyz")[0] == 200)
    return operator


def test_fault_31_two_operators_and_hand_over(
    namespace: Namespace, proxy: Proxy, first: Operator, second: Operator
) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy) == []
    assert not _leads(second)
    before = len(proxy.writes)

    first.stop()

    # Sooner than a lease can run out: it was given up.
    until("the other leads", lambda: _leads(second), DURATION_SECONDS - 1)
    assert [r for r in first.records() if r["message"] == "lease given up"]
    assert proxy.writes[before:] == []
    namespace.source("more")
    assert deviations(namespace, proxy) == []


def test_fault_31_killed_leader_is_followed_when_its_lease_has_run_out(
    namespace: Namespace, proxy: Proxy, first: Operator, second: Operator
) -> None:
    first.kill()
    namespace.source("hello")

    until("the other leads", lambda: _leads(second))

    assert deviations(namespace, proxy) == []


def test_fault_32_leader_paused_past_its_lease(
    namespace: Namespace, proxy: Proxy, first: Operator, second: Operator
) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []
    first.signal(signal.SIGSTOP)
    namespace.edit("hello", "changed meanwhile")
    until("the other leads", lambda: _leads(second))
    assert deviations(namespace, proxy, quiet=0.2) == []

    first.signal(signal.SIGCONT)
    namespace.edit("hello", "changed again")

    assert deviations(namespace, proxy) == []
    assert not _leads(first)
    assert _leads(second)


def test_fault_32_paused_past_its_lease_with_nobody_to_follow(
    namespace: Namespace, proxy: Proxy, first: Operator
) -> None:
    first.signal(signal.SIGSTOP)
    namespace.source("hello")
    time.sleep(DEADLINE_SECONDS + 1)

    first.signal(signal.SIGCONT)

    assert deviations(namespace, proxy) == []


def test_fault_33_times_in_the_lease_do_not_matter(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, first: Operator, second: Operator
) -> None:
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{namespace.name}/leases/kubia-operator"

    for when in ("2020-01-01T00:00:00.000000Z", "2039-01-01T00:00:00.000000Z"):
        cluster.merge(lease, {"spec": {"renewTime": when}})
        time.sleep(3)
        assert _leads(first)
        assert not _leads(second)
    namespace.source("hello")
    assert deviations(namespace, proxy) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_gracefully(number: signal.Signals, first: Operator) -> None:
    first.signal(number)

    assert first.wait() == 0
    assert [r for r in first.records() if r["message"] == "lease given up"]
