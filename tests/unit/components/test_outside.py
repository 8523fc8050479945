"""What leads to a WebService, guards and reads it: in which order, and that it follows releases."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.manifests.drift_check import rights
from kubia.manifests.meta import Meta
from kubia.program.objects import rank
from tests.unit import samples
from tests.unit.programs import Graph, Recorder

LEADING = ("Ingress", "HTTPRoute")
READING = ("ServiceMonitor",)


def full(record: Recorder) -> Graph:
    return record.under_provider(samples.FULL["WebService"])


@pytest.mark.parametrize("kind", [*LEADING, *READING])
def test_what_leads_to_the_service_comes_after_it(record: Recorder, kind: str) -> None:
    graph = full(record)
    assert graph.one("Service") in graph.dependencies(graph.one(kind))


@pytest.mark.parametrize("kind", LEADING)
def test_what_leads_to_the_service_goes_before_it_and_its_pods(kind: str) -> None:
    assert rank(kind) > max(rank("Service"), rank("Deployment"))


def test_no_pod_comes_before_it_is_guarded(record: Recorder) -> None:
    graph = full(record)
    assert graph.one("NetworkPolicy") in graph.dependencies(graph.one("Deployment"))
    assert rank("NetworkPolicy") < rank("Deployment")


def test_kinds_that_a_cluster_has_to_be_taught_are_custom_resources(record: Recorder) -> None:
    graph = full(record)
    assert {graph.one(kind).type for kind in ("HTTPRoute", "ServiceMonitor")} == {
        "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
        "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
    }


STRATEGIES: Mapping[str, Any] = {
    "one colour": {"type": "BlueGreen", "active": "blue", "idle_image": "kubia:v0"},
    "the other colour": {"type": "BlueGreen", "active": "green", "idle_image": "kubia:v2"},
    "a canary": {"type": "Canary", "canary_image": "kubia:v2"},
}


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_whatever_rolls_out_it_leads_to_the_one_service(record: Recorder, strategy: Any) -> None:
    args = {**samples.LEAST_WEB, **samples.OUTSIDE, "service_type": "NodePort"}
    plain = record.under_provider(samples.web(**args))
    rolling = record.under_provider(samples.web(**args, strategy=strategy))
    for kind in (*LEADING, *READING, "NetworkPolicy"):
        assert rolling.one(kind).inputs == plain.one(kind).inputs


def test_a_route_leads_to_the_number_of_the_services_port(record: Recorder) -> None:
    route = {"parent_refs": [{"name": "gw"}], "port": "metrics"}
    ports = {"metrics": {"port": 9100, "service_port": 9200}}
    graph = record.under_provider(samples.web(route=route, ports=ports))
    (rule,) = graph.one("HTTPRoute").inputs["spec"]["rules"]
    assert [(ref["name"], ref["port"]) for ref in rule["backendRefs"]] == [("web", 9200)]


def test_a_drift_check_may_compare_every_kind_of_a_web_service(record: Recorder) -> None:
    meta = Meta(name="check", namespace="team", component="drift-check")
    rules = rights(meta, "check.team", "true").role["rules"]
    comparable = {
        (group, plural)
        for rule in rules
        for group in rule["apiGroups"]
        for plural in rule["resources"]
        if {"get", "update"} <= set(rule["verbs"])
    }
    declared = {
        (group if slash else "", _plural(manifest["kind"]))
        for manifest in full(record).manifests
        for group, slash, _ in [manifest["apiVersion"].partition("/")]
    }
    assert declared <= comparable


def _plural(kind: str) -> str:
    return {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"}.get(
        kind, f"{kind.lower()}s"
    )
