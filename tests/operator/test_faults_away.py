"""What happened while no operator ran: it is made good at the next start, or needed none."""

from tests.operator.cluster import Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import deviations
from tests.operator.proxy import Proxy


def test_faults_04_05_06_07_09_changes_while_down(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    for name in ("changed", "deleted", "recreated", "unlabelled", "same"):
        namespace.source(name)
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    operator.stop()
    namespace.source("created")
    namespace.edit("changed", "new")
    namespace.delete("ConfigMap", "deleted")
    namespace.delete("ConfigMap", "recreated")
    namespace.source("recreated", "again")
    namespace.unlabel("unlabelled")
    before = len(proxy.site_writes)

    start()

    assert deviations(namespace, proxy) == []
    assert not [r for r in proxy.site_writes[before:] if "/same" in r.path]


def test_fault_06_deleted_while_down_is_collected_without_the_operator(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    operator.stop()

    namespace.delete("ConfigMap", "hello")

    gone = until("all is gone", lambda: namespace.wrong() == [])
    assert gone


def test_fault_07_recreated_while_down_is_adopted(
    namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    operator.stop()
    namespace.delete("ConfigMap", "hello", propagationPolicy="Background")
    uid = namespace.source("hello")["metadata"]["uid"]

    start()

    assert deviations(namespace, proxy) == []
    deployment = namespace.get("Deployment", "hello")
    assert deployment
    assert [o["uid"] for o in deployment["metadata"]["ownerReferences"]] == [uid]


def test_fault_51_nothing_is_stuck_after_an_uninstall(
    cluster: Cluster, namespace: Namespace, proxy: Proxy, start: Start
) -> None:
    namespace.source("hello")
    namespace.source("kept")
    operator = start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    operator.stop()

    namespace.delete("ConfigMap", "hello", propagationPolicy="Foreground")

    until("a site can go", lambda: namespace.get("ConfigMap", "hello") is None)
    cluster.call("DELETE", f"/api/v1/namespaces/{namespace.name}")
    path = f"/api/v1/namespaces/{namespace.name}"
    gone = until("the namespace is gone", lambda: cluster.find(path) is None)
    assert gone
