"""What is around a web service, on a real API server: taken, kept, seen to drift, taken away."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.harness import Cluster, Project

pytestmark = pytest.mark.e2e

SPACE = "kubia-outside"
KINDS = {
    "gateway.networking.k8s.io": ("HTTPRoute", "httproutes"),
    "monitoring.coreos.com": ("ServiceMonitor", "servicemonitors"),
}
OUTSIDE = {
    "ports": {"metrics": {"port": 9090}, "dns": {"port": 53, "protocol": "UDP"}},
    "service": {
        "annotations": {"example.org/note": "hello"},
        "appProtocol": "http",
        "externalTrafficPolicy": "Local",
        "sessionAffinity": "ClientIP",
        "sessionAffinityTimeoutSeconds": 60,
        "ipFamilyPolicy": "PreferDualStack",
    },
    "ingress": {
        "className": "nginx",
        "hosts": ["shop.example.org"],
        "paths": [{}, {"path": "/metrics", "pathType": "Exact", "port": "metrics"}],
        "tls": [{"secretName": "tls"}],
    },
    "networkPolicy": {
        "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [{"port": "dns"}]}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 53}]}],
    },
    "replicas": None,
    "autoscaler": {
        "minReplicas": 1,
        "maxReplicas": 2,
        "memoryPercent": 80,
        "metrics": [{"type": "Pods", "name": "requests", "averageValue": "100"}],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
    },
}
TAUGHT = {"route": {"parentRefs": [{"name": "gateway"}]}, "monitor": {"port": "metrics"}}


def definition(group: str, kind: str, plural: str) -> dict[str, Any]:
    """Return the smallest CustomResourceDefinition of a kind."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [{**version, "schema": {"openAPIV3Schema": anything}}],
        },
    }


@pytest.fixture(name="outside")
def _outside(simulated: Cluster, tmp_path: Path) -> Iterator[Project]:
    """Lend a project whose stack dev is a web service with all that is around it, and no more."""
    project = Project.copy(tmp_path / "kubia", simulated)
    contexts = [simulated.name]
    project.change("dev", {"namespace": SPACE, "contexts": contexts, "sites": {}, "agents": {}})
    project.change("dev", {"operators": {}, "services.kubia.nodePort": 30091})
    project.change("dev", {f"services.kubia.{key}": value for key, value in OUTSIDE.items()})
    yield project
    project.clean()


@pytest.fixture(name="taught")
def _taught(simulated: Cluster) -> Iterator[None]:
    """Let the cluster know the kinds that it has to be taught, for a while."""
    text = yaml.safe_dump_all([definition(group, *names) for group, names in KINDS.items()])
    simulated.kubectl("apply", "-f", "-", stdin=text)
    names = [f"crd/{plural}.{group}" for group, (_, plural) in KINDS.items()]
    simulated.kubectl("wait", "--for=condition=Established", *names)
    yield
    simulated.kubectl("delete", *names)


def run(project: Project, *command: str) -> tuple[int, str]:
    """Return how a command of the kubectl engine ended, and what it said."""
    result = project.kubia(*command, "--stack", "dev", "--engine", "kubectl")
    return result.code, result.text


def test_kinds_that_the_cluster_does_not_know_are_refused_before_anything_changes(
    simulated: Cluster, outside: Project
) -> None:
    outside.change("dev", {f"services.kubia.{key}": value for key, value in TAUGHT.items()})

    code, text = run(outside, "up", "--yes")

    assert code == 1, text
    assert (
        "knows no kind 'HTTPRoute' in the API group 'gateway.networking.k8s.io' and no kind "
        "'ServiceMonitor' in the API group 'monitoring.coreos.com': install their definitions first"
    ) in text
    assert simulated.get("namespace", "default", SPACE) is None


@pytest.mark.usefixtures("taught")
def test_all_around_a_service_is_taken_kept_seen_to_drift_and_taken_away(
    simulated: Cluster, outside: Project
) -> None:
    outside.change("dev", {f"services.kubia.{key}": value for key, value in TAUGHT.items()})
    outside.up("dev", "--engine", "kubectl")

    assert run(outside, "preview", "--exit-code")[0] == 0
    assert run(outside, "drift")[0] == 0
    service = simulated.get("service", SPACE, "kubia")["spec"]
    assert service["ipFamilyPolicy"] == "PreferDualStack"
    assert [port["name"] for port in service["ports"]] == ["http", "dns", "metrics"]

    for kind, change in (
        ("ingress", [{"op": "remove", "path": "/spec/tls"}]),
        ("networkpolicy", [{"op": "add", "path": "/spec/ingress/-", "value": {}}]),
        ("httproute", [{"op": "add", "path": "/spec/hostnames", "value": ["evil.example.org"]}]),
        ("servicemonitor", [{"op": "remove", "path": "/spec/endpoints"}]),
    ):
        patch = json.dumps(change)
        simulated.kubectl("patch", kind, "kubia", "-n", SPACE, "--type=json", "-p", patch)
    code, text = run(outside, "drift")
    assert code == 3, text
    assert "in 4 objects" in text

    around = ("ports", "service", "ingress", "networkPolicy", "autoscaler", *TAUGHT)
    outside.change(
        "dev", {**{f"services.kubia.{key}": None for key in around}, "services.kubia.replicas": 1}
    )
    outside.up("dev", "--engine", "kubectl")
    kinds = ("ingress", "networkpolicy", "httproute", "servicemonitor", "hpa")
    assert [kind for kind in kinds if simulated.get(kind, SPACE)] == []
