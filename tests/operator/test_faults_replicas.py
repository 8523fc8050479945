"""Two operators, paused leaders, and a crowd of sites."""

import signal
import time

import pytest

from tests.operator.cluster import Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy


def _leads(operator: Operator) -> bool:
    return operator.metric("kubia_operator_leader ") == 1


def test_fault_31_two_operators_and_hand_over(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    first = start()
    first.wait_leading()
    second = start()
    until("the other is ready", lambda: second.probe("/readyz")[0] == 200)
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.5) == []
    assert not _leads(second)

    began = time.monotonic()
    first.stop()
    until("the other leads", lambda: _leads(second), 5)
    took = time.monotonic() - began

    assert took < 2
    namespace.source("more")
    assert deviations(namespace, proxy) == []


def test_fault_31_upgrade_with_another_image_rolls_once(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    old = start()
    assert deviations(namespace, proxy, quiet=0.5) == []
    new = start("--image", "kubia-nginx:next")
    until("the new one is ready", lambda: new.probe("/readyz")[0] == 200)
    before = len(proxy.site_writes)

    old.stop()
    until("the new one leads", lambda: _leads(new))

    namespace.options = type(namespace.options)(image="kubia-nginx:next")
    assert deviations(namespace, proxy) == []
    assert len([r for r in proxy.site_writes[before:] if "/deployments/" in r.path]) == 1


def test_fault_32_leader_paused_past_its_lease(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    first = start()
    first.wait_leading()
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.5) == []
    second = start()
    first.signal(signal.SIGSTOP)
    namespace.edit("hello", "changed meanwhile")
    until("the other leads", lambda: _leads(second), 30)
    assert deviations(namespace, proxy, quiet=0.5) == []

    first.signal(signal.SIGCONT)
    namespace.edit("hello", "changed again")

    assert deviations(namespace, proxy) == []
    assert not _leads(first)
    assert _leads(second)


def test_fault_33_times_in_the_lease_do_not_matter(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    first = start()
    first.wait_leading()
    second = start()
    until("the other is ready", lambda: second.probe("/readyz")[0] == 200)
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{namespace.name}/leases/kubia-operator"

    for when in ("2020-01-01T00:00:00.000000Z", "2039-01-01T00:00:00.000000Z"):
        cluster.merge(lease, {"spec": {"renewTime": when}})
        time.sleep(3)
        assert _leads(first)
        assert not _leads(second)
    namespace.source("hello")
    assert deviations(namespace, proxy) == []


def test_fault_50_fresh_change_before_the_backlog(namespace: Namespace, start: Start) -> None:
    for number in range(150):
        namespace.source(f"site-{number}", f"{number}")
    operator = start()
    operator.wait_leading()

    began = time.monotonic()
    namespace.source("fresh")
    until("it is served", lambda: namespace.get("Service", "fresh"))
    took = time.monotonic() - began

    assert took < 2
    until("all are", lambda: len(namespace.all("Service")) == 151)


def test_fault_52_upgrade_that_changes_nothing_rolls_nothing(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    first = start("--limits", "memory=98304Ki")
    assert deviations(namespace, proxy, quiet=0.5) == []
    first.stop()
    before = len(proxy.site_writes)

    start("--limits", "memory=96Mi").wait_leading()

    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []


def test_dry_run_writes_nothing(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    namespace.source("hello")

    operator = start("--dry-run")

    shown = until("it shows", lambda: [r for r in operator.records() if r.get("verb") == "apply"])
    assert {r["kind"] for r in shown} == {"ConfigMap", "Deployment", "Service"}
    assert proxy.writes == []


def test_limit_of_sites_in_a_namespace(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    namespace.source("a")
    namespace.source("b")
    namespace.source("c")

    operator = start("--sites-per-namespace", "2")

    def refused() -> list[object]:
        records = operator.records()
        return [r["source"] for r in records if r.get("reason") == "LimitReached"]

    until("it is told", refused)
    assert set(refused()) == {"c"}
    until("others are made", lambda: namespace.get("Service", "b"))
    assert namespace.get("Service", "c") is None
    namespace.delete("ConfigMap", "a")
    assert deviations(namespace, proxy) == []


def test_content_is_never_logged(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    operator = start("--log-level", "debug")
    namespace.source("hello", "my-secret-page")
    assert deviations(namespace, proxy) == []
    operator.stop()

    assert "my-secret-page" not in operator.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_gracefully(number: signal.Signals, start: Start) -> None:
    operator = start()
    operator.wait_leading()

    operator.signal(number)

    stopped = until("it has stopped", lambda: not operator.running, 2)
    assert stopped
