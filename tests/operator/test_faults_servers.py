"""The API server and etcd themselves: killed, unreachable, and forgetting what was."""

import time

import pytest

from tests.operator.cluster import Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy
from tests.operator.servers import Servers


@pytest.fixture(name="operator")
def _operator(namespace: Namespace, proxy: Proxy, start: Start) -> Operator:
    """Start an operator that makes one site."""
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    return operator


@pytest.mark.parametrize(
    "programs",
    [("kube-apiserver",), ("etcd",), ("kube-apiserver", "etcd"), ("kube-controller-manager",)],
    ids="+".join,
)
def test_fault_30_servers_killed_and_started_again(
    programs: tuple[str, ...],
    servers: Servers,
    namespace: Namespace,
    proxy: Proxy,
    operator: Operator,
) -> None:
    before = len(proxy.site_writes)

    servers.kill(*programs)
    servers.start()

    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []
    namespace.edit("hello", "changed")
    assert deviations(namespace, proxy) == []
    assert operator.running


@pytest.mark.usefixtures("operator")
def test_fault_30_etcd_compacted_while_the_watches_were_away(
    servers: Servers, namespace: Namespace, proxy: Proxy
) -> None:
    namespace.source("lost")
    namespace.source("changed")
    assert deviations(namespace, proxy, quiet=0.2) == []
    lists = proxy.lists

    with proxy.outage():
        namespace.delete("ConfigMap", "lost")
        namespace.edit("changed", "new")
        namespace.delete("Service", "hello")
        servers.compact()
        servers.kill("kube-apiserver")  # Its own memory of old versions goes, too.
        servers.start()

    assert deviations(namespace, proxy) == []
    assert proxy.lists > lists  # The versions of the watches were gone (410).
    assert [name for name in ("hello", "changed") if not namespace.get("Service", name)] == []


def test_fault_30_api_server_unreachable_at_start_and_later(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    with proxy.outage():
        operator = start()
        namespace.source("early")
        until("it lives", lambda: operator.probe("/livez")[0] == 200)
        time.sleep(15)
        assert operator.probe("/livez")[0] == 200
        assert operator.probe("/readyz")[0] == 503
    assert deviations(namespace, proxy) == []
    assert operator.probe("/readyz")[0] == 200

    with proxy.outage():
        namespace.source("late")
        namespace.edit("early", "changed")
        time.sleep(1)
    assert deviations(namespace, proxy) == []
