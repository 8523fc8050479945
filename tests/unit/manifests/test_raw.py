"""kubia.manifests.raw: what is merged, by which keys, and what may not be added."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from kubia.errors import InvalidError
from kubia.manifests import raw
from kubia.manifests.parse import parse
from kubia.manifests.web_service import WebService

POD: Mapping[str, Any] = {
    "containers": [
        {"name": "web", "image": "web:1", "env": [{"name": "A", "value": "1"}]},
        {"name": "log", "image": "log:1"},
    ],
    "volumes": [{"name": "tmp", "emptyDir": {}}],
    "tolerations": [{"key": "a"}],
}

MERGED: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "a field beside others": ({"hostname": "a"}, {**POD, "hostname": "a"}),
    "a container by its name": (
        {"containers": [{"name": "log", "tty": True}]},
        {**POD, "containers": [POD["containers"][0], {**POD["containers"][1], "tty": True}]},
    ),
    "a variable by its name": (
        {"containers": [{"name": "web", "env": [{"name": "A", "value": "2"}, {"name": "B"}]}]},
        {
            **POD,
            "containers": [
                {**POD["containers"][0], "env": [{"name": "A", "value": "2"}, {"name": "B"}]},
                POD["containers"][1],
            ],
        },
    ),
    "a new volume after the others": (
        {"volumes": [{"name": "data", "hostPath": {"path": "/"}}]},
        {**POD, "volumes": [*POD["volumes"], {"name": "data", "hostPath": {"path": "/"}}]},
    ),
    "a list without keys as a whole": (
        {"tolerations": [{"key": "b"}]},
        {**POD, "tolerations": [{"key": "b"}]},
    ),
    "null removes a field": (
        {"tolerations": None},
        {key: value for key, value in POD.items() if key != "tolerations"},
    ),
    "$patch removes an item": (
        {"containers": [{"name": "log", "$patch": "delete"}]},
        {**POD, "containers": [POD["containers"][0]]},
    ),
}


@pytest.mark.parametrize(("patch", "expected"), MERGED.values(), ids=MERGED)
def test_merges(patch: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert raw.merged(POD, patch) == expected


def test_the_ports_of_containers_and_services_are_merged_each_by_its_own_key() -> None:
    container = {"ports": [{"name": "http", "containerPort": 8080}]}
    service = {"ports": [{"name": "http", "port": 80}]}
    assert raw.merged(container, {"ports": [{"containerPort": 8080, "hostPort": 1}]}) == {
        "ports": [{"name": "http", "containerPort": 8080, "hostPort": 1}]
    }
    assert raw.merged(service, {"ports": [{"port": 80, "appProtocol": "h2c"}]}) == {
        "ports": [{"name": "http", "port": 80, "appProtocol": "h2c"}]
    }


def test_one_number_of_two_protocols_stays_two_ports() -> None:
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    assert raw.merged({"ports": ports}, {"ports": [{"port": 80}]}) == {
        "ports": [*ports, {"port": 80}]
    }


def test_one_number_of_two_protocols_is_added_as_two_ports() -> None:
    dns = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53}]
    http = {"name": "http", "port": 80}
    assert raw.merged({"ports": [http]}, {"ports": dns}) == {"ports": [http, *dns]}
    added = {"service": {"spec": {"ports": dns}}}
    assert parse(WebService, {"image": "kubia:v1", "raw": added}).raw == added


@pytest.mark.parametrize(
    ("kind", "key"), [("HTTPRoute", "httpRoute"), ("Ingress", "ingress"), ("Service", "service")]
)
def test_the_key_of_a_kind_begins_small(kind: str, key: str) -> None:
    added = {key: {"spec": {"a": "b"}}}
    assert raw.applied({"kind": kind}, added) == {"kind": kind, "spec": {"a": "b"}}


KINDS = {
    "cronJob": "batch.v1.CronJobSpec",
    "daemonSet": "apps.v1.DaemonSetSpec",
    "deployment": "apps.v1.DeploymentSpec",
    "horizontalPodAutoscaler": "autoscaling.v2.HorizontalPodAutoscalerSpec",
    "ingress": "networking.v1.IngressSpec",
    "job": "batch.v1.JobSpec",
    "networkPolicy": "networking.v1.NetworkPolicySpec",
    "persistentVolumeClaim": "core.v1.PersistentVolumeClaimSpec",
    "podDisruptionBudget": "policy.v1.PodDisruptionBudgetSpec",
    "service": "core.v1.ServiceSpec",
    "serviceAccount": "core.v1.ServiceAccount",
}
NOT_OURS = {"secrets", "ephemeralContainers", "ownerReferences"}
"""Of what the components neither make nor let be added to."""


def merge_keys(schemas: Mapping[str, Any], name: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each field below a definition that Kubernetes merges by a key, with that key."""
    seen.add(name)
    for field, inner in schemas[name].get("properties", {}).items():
        key = inner.get("x-kubernetes-patch-merge-key")
        if key and field not in NOT_OURS:
            yield field, key
        for part in (inner, inner.get("items", {})):
            reference = part.get("$ref", "").rpartition("/")[2]
            if reference and reference not in seen:
                yield from merge_keys(schemas, reference, seen)


def test_lists_are_merged_by_kubernetes_own_keys() -> None:
    folder = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    file = folder / f"v{kubernetes_validate.latest_version()}-local" / "_definitions.json"
    schemas = json.loads(file.read_text())["$defs"]
    others = {"configMap", "httpRoute", "secret", "serviceMonitor"}
    assert KINDS.keys() | others == raw.KINDS.keys()
    seen: set[str] = set()
    known = {
        pair for name in KINDS.values() for pair in merge_keys(schemas, f"io.k8s.api.{name}", seen)
    }
    assert known == {(field, key) for field, keys in raw.MERGE_KEYS.items() for key in keys}


def test_a_reference_has_a_kind() -> None:
    resource = {"apiGroup": "example.org", "kind": "Bucket", "name": "assets"}
    added = {"ingress": {"spec": {"defaultBackend": {"resource": resource}}}}
    assert parse(WebService, {"image": "kubia:v1", "raw": added}).raw == added


def test_items_of_a_list_that_is_replaced_as_a_whole_need_no_key() -> None:
    added = {"networkPolicy": {"spec": {"ingress": [{"ports": [{"protocol": "TCP"}]}]}}}
    assert parse(WebService, {"image": "kubia:v1", "raw": added}).raw == added


def test_a_claim_selects_the_volume_that_it_is_bound_to() -> None:
    selector = {"matchLabels": {"disk": "old"}}
    added = {"persistentVolumeClaim": {"spec": {"selector": selector, "storageClassName": ""}}}
    assert parse(WebService, {"image": "kubia:v1", "raw": added}).raw == added


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "an object that there is not": (
        {"statefulSet": {}},
        (
            "raw.statefulSet: is no object that can be added to; known are deployment, configMap, "
            "horizontalPodAutoscaler, httpRoute, ingress, networkPolicy, persistentVolumeClaim, "
            "podDisruptionBudget, secret, service, serviceAccount, serviceMonitor"
        ),
    ),
    "a part that there is not": (
        {"service": {"data": {}}},
        "raw.service.data: is not a field that can be added; known are metadata, spec",
    ),
    "a field that Kubernetes has not": (
        {"deployment": {"spec": {"template": {"spec": {"hostnme": "a"}}}}},
        (
            "raw.deployment.spec.template.spec.hostnme: is no field of Kubernetes' PodSpec; "
            "did you mean 'hostname'?"
        ),
    ),
    "one in an item of a list": (
        {"service": {"spec": {"ports": [{"port": 80, "nodeport": 30001}]}}},
        (
            "raw.service.spec.ports[0].nodeport: is no field of Kubernetes' ServicePort; "
            "did you mean 'nodePort'?"
        ),
    ),
    "content": (
        {"configMap": {"data": {"a": "b"}}},
        "raw.configMap.data: is not a field that can be added; known are metadata",
    ),
    "a name": (
        {"service": {"metadata": {"name": "other"}}},
        "raw.service.metadata.name: is kubia's to set, for others rely on it; leave it out",
    ),
    "a selector": (
        {"deployment": {"spec": {"selector": {"matchLabels": {"a": "b"}}}}},
        "raw.deployment.spec.selector: is kubia's to set, for others rely on it; leave it out",
    ),
    "whom a policy is for": (
        {"networkPolicy": {"spec": {"podSelector": {}}}},
        (
            "raw.networkPolicy.spec.podSelector: is kubia's to set, for others rely on it; "
            "leave it out"
        ),
    ),
    "a label of kubia's": (
        {"deployment": {"spec": {"template": {"metadata": {"labels": {"app": "other"}}}}}},
        (
            "raw.deployment.spec.template.metadata.labels.app: is kubia's to set, for others rely "
            "on it; leave it out"
        ),
    ),
    "an annotation of kubia's": (
        {"deployment": {"metadata": {"annotations": {"pulumi.com/waitFor": "x"}}}},
        (
            "raw.deployment.metadata.annotations.pulumi.com/waitFor: is kubia's to set, for others "
            "rely on it; leave it out"
        ),
    ),
    "a number of pods": (
        {"deployment": {"spec": {"replicas": 3}}},
        "raw.deployment.spec.replicas: is for replicas or autoscaler to say; leave it out",
    ),
    "a strategy": (
        {"deployment": {"spec": {"strategy": {"type": "Recreate"}}}},
        "raw.deployment.spec.strategy: is for strategy to say; leave it out",
    ),
    "the image of a release": (
        {"deployment": {"spec": {"template": {"spec": {"containers": [
            {"name": "nodejs", "image": "x:1"}
        ]}}}}},
        (
            "raw.deployment.spec.template.spec.containers.nodejs: has image, but releases set its "
            "image; leave it out, and give image"
        ),
    ),
    "an item without its key": (
        {"deployment": {"spec": {"template": {"spec": {"volumes": [{"emptyDir": {}}]}}}}},
        (
            "raw.deployment.spec.template.spec.volumes[0]: has no name, by which it is merged; "
            "give it one"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "text"), REFUSED.values(), ids=REFUSED)
def test_refuses(given: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {"image": "kubia:v1", "raw": given})
    assert str(caught.value) == text


@pytest.mark.parametrize("odd", [1, "x", None, [], [1], {"a": 1}])
@pytest.mark.parametrize(
    "path",
    [
        ("spec",),
        ("spec", "template"),
        ("spec", "template", "spec"),
        ("spec", "template", "spec", "containers"),
        ("spec", "template", "spec", "securityContext"),
        ("spec", "template", "spec", "volumes"),
        ("metadata", "labels"),
    ],
    ids=".".join,
)
def test_a_value_of_an_odd_kind_is_taken_or_refused(path: tuple[str, ...], odd: Any) -> None:
    value = odd
    for step in reversed(path):
        value = {step: value}
    with contextlib.suppress(InvalidError):
        parse(WebService, {"image": "kubia:v1", "raw": {"deployment": value}})
    assert value
