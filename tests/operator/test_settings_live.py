"""Settings that change what the operator does, seen on a cluster."""

from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import deviations
from tests.operator.proxy import Proxy


def test_dry_run_writes_nothing(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    namespace.source("hello")

    operator = start("--dry-run")

    def shown() -> set[object]:
        return {r["kind"] for r in operator.records() if r.get("verb") == "apply"}

    until("it shows all", lambda: shown() == {"ConfigMap", "Deployment", "Service"})
    operator.stop()
    assert proxy.writes == []


def test_limit_of_sites_in_a_namespace(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    namespace.source("a")
    namespace.source("b")
    namespace.source("c")

    operator = start("--sites-per-namespace", "2")

    def refused() -> list[object]:
        records = operator.records()
        return [r["source"] for r in records if r.get("reason") == "LimitReached"]

    until("it is logged", refused)
    assert set(refused()) == {"c"}
    until("others are made", lambda: namespace.get("Service", "b"))
    assert namespace.get("Service", "c") is None
    namespace.delete("ConfigMap", "a")
    assert deviations(namespace, proxy) == []


def test_content_is_never_logged(namespace: Namespace, proxy: Proxy, start: Start) -> None:
    operator = start("--log-level", "debug")
    namespace.source("hello", "my-secret-page")
    assert deviations(namespace, proxy) == []

    assert operator.records()
    assert "my-secret-page" not in operator.log.read_text()
