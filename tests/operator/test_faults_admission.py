"""What admission refuses is reported, retried without hurry, and made good once it is allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.operator.cluster import ApiError, Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy

_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_SERVICES = {
    "apiGroups": [""],
    "apiVersions": ["v1"],
    "operations": ["*"],
    "resources": ["services"],
}
_MANY_TRIES = 12
"""No more writes than that while a test waits, of a site that is refused."""


@pytest.fixture(name="operator", autouse=True)
def _operator(start: Start) -> Operator:
    operator = start()
    operator.wait_leading()
    return operator


@contextmanager
def _present(cluster: Cluster, path: str, name: str, spec: dict[str, Any]) -> Iterator[str]:
    """Keep an object in the cluster for a while; lend its path."""
    cluster.create(path, {"metadata": {"name": name}, **spec})
    try:
        yield f"{path}/{name}"
    finally:
        cluster.call("DELETE", f"{path}/{name}")


def _quota(namespace: Namespace, **hard: str) -> Any:
    path = f"/api/v1/namespaces/{namespace.name}/resourcequotas"
    return _present(namespace.cluster, path, "none", {"spec": {"hard": hard}})


def _tries(proxy: Proxy) -> int:
    """Return how often the Deployment or the Service of a site was written."""
    return sum("/configmaps/" not in request.path for request in proxy.site_writes)


def _is_up(namespace: Namespace) -> bool:
    status = (namespace.get("Deployment", "hello") or {}).get("status", {})
    return bool(status.get("readyReplicas") == 1)


def test_fault_27_namespace_terminating(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    namespace.source("hello")
    assert deviations(namespace, proxy, quiet=0.2) == []

    cluster.call("DELETE", f"/api/v1/namespaces/{namespace.name}")

    path = f"/api/v1/namespaces/{namespace.name}"
    until("the namespace is gone", lambda: cluster.find(path) is None)
    assert _tries(proxy) < _MANY_TRIES


def test_fault_28_quota_refuses_then_is_lifted(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    with _quota(namespace, **{"count/services": "0"}) as quota:
        until("it counts", lambda: cluster.call("GET", quota).get("status", {}).get("hard"))

        namespace.source("hello")

        messages = until("there is an event", lambda: namespace.events("Forbidden"))
        assert "quota" in messages[0]
    assert deviations(namespace, proxy) == []
    assert _tries(proxy) < _MANY_TRIES


def test_fault_28_quota_on_pods_is_reported(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    with _quota(namespace, pods="0") as quota:
        until("it counts", lambda: cluster.call("GET", quota).get("status", {}).get("hard"))

        namespace.source("hello")

        messages = until("there is an event", lambda: namespace.events("NotUp"))
        assert "exceeded quota" in messages[0]
    namespace.edit("hello", "tried again at once")
    until("there is an event", lambda: namespace.events("Up"))
    assert deviations(namespace, proxy) == []


def test_fault_28_limit_range_refuses_pods_then_is_lifted(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    limits = {"limits": [{"type": "Container", "max": {"memory": "1Mi"}}]}
    path = f"/api/v1/namespaces/{namespace.name}/limitranges"
    with _present(cluster, path, "low", {"spec": limits}):
        namespace.source("hello")

        messages = until("there is an event", lambda: namespace.events("NotUp"))
        assert "maximum memory usage per Container is 1Mi" in messages[0]
    namespace.edit("hello", "tried again at once")
    until("there is an event", lambda: namespace.events("Up"))
    assert deviations(namespace, proxy) == []


def _selecting(namespace: Namespace) -> dict[str, Any]:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace.name}}


def _refuses(namespace: Namespace) -> str:
    """Return how the API server refuses a Service; empty if it takes it."""
    service = {"metadata": {"name": "probe"}, "spec": {"ports": [{"port": 80}]}}
    try:
        namespace.cluster.create(namespace.path("Service") + "?dryRun=All", service)
    except ApiError as error:
        return str(error)
    return ""


def test_fault_29_admission_webhook_down_then_gone(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    webhook = {
        "name": "down.example.com",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "namespaceSelector": _selecting(namespace),
        "rules": [_SERVICES],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    path = f"{_ADMISSION}/validatingwebhookconfigurations"
    with _present(cluster, path, namespace.name, {"webhooks": [webhook]}):
        until("it is asked", lambda: "failed calling webhook" in _refuses(namespace))

        namespace.source("hello")

        until("it was tried", lambda: _tries(proxy) >= 3)
        assert namespace.get("Service", "hello") is None
    assert deviations(namespace, proxy) == []
    assert _tries(proxy) < _MANY_TRIES


def test_fault_29_admission_denies_then_allows(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    denial = {"expression": "false", "message": "no Services on Sundays", "reason": "Forbidden"}
    policy = {"matchConstraints": {"resourceRules": [_SERVICES]}, "validations": [denial]}
    binding = {
        "policyName": namespace.name,
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": _selecting(namespace)},
    }
    policies = f"{_ADMISSION}/validatingadmissionpolicies"
    bindings = f"{_ADMISSION}/validatingadmissionpolicybindings"
    with (
        _present(cluster, policies, namespace.name, {"spec": policy}),
        _present(cluster, bindings, namespace.name, {"spec": binding}),
    ):
        until("it is denied", lambda: "Sundays" in _refuses(namespace))

        namespace.source("hello")

        messages = until("there is an event", lambda: namespace.events("Forbidden"))
        assert "no Services on Sundays" in messages[0]
        assert namespace.get("Deployment", "hello")
    assert deviations(namespace, proxy) == []
    assert _tries(proxy) < _MANY_TRIES


def test_fault_29_pods_pass_pod_security_restricted(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.merge(f"/api/v1/namespaces/{namespace.name}", {"metadata": {"labels": labels}})

    namespace.source("hello")

    assert deviations(namespace, proxy) == []
    up = until("its pod runs", lambda: _is_up(namespace))
    assert up
