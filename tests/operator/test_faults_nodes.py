"""Nodes and pods that go: the controllers of Kubernetes repair that, the operator writes nothing.

A disruption budget that blocks a drain needs real pods: see tests/e2e.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.operator.cluster import Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import deviations
from tests.operator.proxy import Proxy

_NODES = "/api/v1/nodes"
_SPARE = "spare"
# Of a node that is deleted, garbage collection takes the pods only after a minute.
_OUT = {"key": "node.kubernetes.io/out-of-service", "value": "gone", "effect": "NoExecute"}


def _pods(namespace: Namespace) -> list[Any]:
    """Return the pods that are there to stay."""
    pods = namespace.cluster.call("GET", f"/api/v1/namespaces/{namespace.name}/pods")["items"]
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def _ready(namespace: Namespace) -> Any:
    """Return the site's pod if it is the only one and ready, else None."""
    status = (namespace.get("Deployment", "hello") or {}).get("status", {})
    pods = _pods(namespace)
    return pods[0] if status.get("readyReplicas") == len(pods) == 1 else None


def _up(namespace: Namespace) -> Any:
    """Return the site's pod, once it is the only one and ready."""
    return until("its pod is ready", lambda: _ready(namespace))


@pytest.fixture(name="site")
def _site(namespace: Namespace, proxy: Proxy, start: Start) -> str:
    """Make a site; return the name of its pod."""
    namespace.source("hello")
    start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    name: str = _up(namespace)["metadata"]["name"]
    return name


def _delete(namespace: Namespace, pod: str) -> None:
    namespace.cluster.call("DELETE", f"/api/v1/namespaces/{namespace.name}/pods/{pod}")


def _evict(namespace: Namespace, pod: str) -> None:
    path = f"/api/v1/namespaces/{namespace.name}/pods/{pod}/eviction"
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
    namespace.cluster.create(path, body)


@pytest.mark.parametrize("end", [_delete, _evict])
def test_fault_48_pod_deleted_or_evicted(
    end: Callable[[Namespace, str], None], namespace: Namespace, proxy: Proxy, site: str
) -> None:
    before = len(proxy.site_writes)

    end(namespace, site)

    until("another pod is ready", lambda: _up(namespace)["metadata"]["name"] != site)
    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []


@pytest.fixture(name="spare")
def _spare(cluster: Cluster) -> Iterator[str]:
    """Add a node, and let new pods go nowhere else until the test says so."""
    (first,) = cluster.call("GET", _NODES)["items"]
    metadata = {key: first["metadata"][key] for key in ("annotations", "labels")}
    capacity = {key: first["status"][key] for key in ("allocatable", "capacity")}
    _uncordon(cluster, cordoned=True)
    cluster.create(_NODES, {"metadata": {**metadata, "name": _SPARE}, "status": capacity})
    yield _SPARE
    _uncordon(cluster)
    if cluster.find(f"{_NODES}/{_SPARE}"):
        cluster.call("DELETE", f"{_NODES}/{_SPARE}")


def _uncordon(cluster: Cluster, *, cordoned: bool = False) -> None:
    for node in cluster.call("GET", _NODES)["items"]:
        name = node["metadata"]["name"]
        if name != _SPARE:
            cluster.merge(f"{_NODES}/{name}", {"spec": {"unschedulable": cordoned}})


def test_fault_48_node_lost_and_the_site_is_up_elsewhere(
    spare: str,
    cluster: Cluster,
    namespace: Namespace,
    proxy: Proxy,
    start: Start,
) -> None:
    namespace.source("hello")
    start()
    assert deviations(namespace, proxy, quiet=0.2) == []
    assert _up(namespace)["spec"]["nodeName"] == spare
    before = len(proxy.site_writes)

    _uncordon(cluster)
    cluster.merge(f"{_NODES}/{spare}", {"spec": {"taints": [_OUT]}})

    # The pod that takes its place may be seen before it is bound to a node.
    not_there_yet = {None, spare}
    until("it is up elsewhere", lambda: _up(namespace)["spec"].get("nodeName") not in not_there_yet)
    assert deviations(namespace, proxy) == []
    assert proxy.site_writes[before:] == []
