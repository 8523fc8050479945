"""Names, keys, sizes and the history of content."""

import base64
import time

import pytest

from kubia.manifests.names import site_name
from tests.operator.cluster import LABEL, Cluster, Namespace, until
from tests.operator.conftest import Start
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy

_OURS = "app.kubernetes.io/managed-by=kubia-operator"


@pytest.fixture(name="operator", autouse=True)
def _operator(start: Start) -> Operator:
    operator = start()
    operator.wait_leading()
    return operator


def test_fault_36_any_legal_name(namespace: Namespace, proxy: Proxy) -> None:
    names = ["a" * 253, "www.example.com", "1st-site", "9", "x-0123456789", "a." * 120 + "b"]
    for name in names:
        namespace.source(name)

    assert deviations(namespace, proxy) == []
    assert [name for name in names if not namespace.get("Service", site_name(name))] == []


def test_fault_37_names_that_could_collide(namespace: Namespace, proxy: Proxy) -> None:
    for name in ("a.b", "a-b", "a--b"):
        namespace.source(name, name)

    assert deviations(namespace, proxy) == []
    assert len(namespace.all("Deployment", _OURS)) == 3


def test_fault_38_same_name_in_two_namespaces(
    namespace: Namespace, other_namespace: Namespace, proxy: Proxy, start: Start, operator: Operator
) -> None:
    operator.stop()
    start(namespaces=f"{namespace.name},{other_namespace.name}")
    namespace.source("hello", "one")
    other_namespace.source("hello", "two")

    assert deviations(namespace, proxy) == []
    assert deviations(other_namespace, proxy) == []
    namespace.delete("ConfigMap", "hello")
    assert deviations(namespace, proxy) == []
    assert other_namespace.get("Deployment", "hello")


def test_fault_39_unusual_keys_and_none(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("keys", {".hidden": "a", "a.b.c": "b", "k" * 253: "c"})
    namespace.source("empty", {})
    namespace.cluster.create(
        namespace.path("ConfigMap"), {"metadata": {"name": "none", "labels": LABEL}}
    )

    assert deviations(namespace, proxy) == []


def test_fault_40_binary_data_line_ends_and_odd_characters(
    namespace: Namespace, proxy: Proxy
) -> None:
    binary = base64.b64encode(bytes(range(256))).decode()
    odd = "\ufeffgrüß 🙂\x00\x07\x1b\x7f\x80\x85\x9f\u2028\ufffe\uffff"
    namespace.source("mixed", {"index.html": "a\r\nb\tc", "u.txt": odd}, binaryData={"b": binary})

    assert deviations(namespace, proxy) == []


def test_fault_41_one_mebibyte(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("large", "x" * 2**20)

    assert deviations(namespace, proxy) == []
    namespace.edit("large", "y" * 2**20)
    assert deviations(namespace, proxy) == []


def test_fault_42_immutable_source_and_flip(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello", "fixed")
    assert deviations(namespace, proxy) == []
    before = len(proxy.writes)
    namespace.patch("ConfigMap", "hello", {"immutable": True})
    assert deviations(namespace, proxy) == []
    assert proxy.writes[before:] == []
    namespace.delete("ConfigMap", "hello")
    namespace.source("hello", "other", immutable=True)

    assert deviations(namespace, proxy) == []


def test_fault_44_there_and_back_within_one_roll(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello", "A")
    assert deviations(namespace, proxy, quiet=0.2) == []

    namespace.edit("hello", "B")
    time.sleep(0.05)
    namespace.edit("hello", "A")

    assert deviations(namespace, proxy) == []


def test_fault_45_content_that_never_gets_ready_is_reported_and_repaired(
    cluster: Cluster, namespace: Namespace, proxy: Proxy
) -> None:
    namespace.source("hello", "good")
    assert deviations(namespace, proxy, quiet=0.2) == []
    quotas = f"/api/v1/namespaces/{namespace.name}/resourcequotas"
    cluster.create(quotas, {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "1"}}})
    until("it counts", lambda: cluster.call("GET", f"{quotas}/full").get("status", {}).get("used"))

    namespace.edit("hello", "bad")

    events = f"/api/v1/namespaces/{namespace.name}/events"
    events_not_up = until(
        "there is an event",
        lambda: [e for e in cluster.call("GET", events)["items"] if e["reason"] == "NotUp"],
    )
    assert events_not_up
    assert len(namespace.all("ConfigMap", _OURS)) == 2
    cluster.call("DELETE", f"{quotas}/full")
    namespace.edit("hello", "better")
    assert deviations(namespace, proxy) == []


def test_fault_17_old_content_stays_while_a_pod_uses_it(namespace: Namespace, proxy: Proxy) -> None:
    namespace.source("hello", "A")
    assert deviations(namespace, proxy, quiet=0.2) == []
    pause = {"spec": {"paused": True}}
    namespace.patch("Deployment", "hello", pause)

    namespace.edit("hello", "B")

    until("both are there", lambda: len(namespace.all("ConfigMap", _OURS)) == 2)
    time.sleep(1)
    assert len(namespace.all("ConfigMap", _OURS)) == 2
    namespace.patch("Deployment", "hello", {"spec": {"paused": False}})
    assert deviations(namespace, proxy) == []
