"""Every object is one that Kubernetes takes, and every pod one that it lets run restricted."""

import pytest

from kubia.manifests.meta import namespace
from tests.unit import samples
from tests.unit.objects import (
    CUSTOM,
    WORKLOADS,
    containers_of,
    pod_of,
    restricted_problems,
    schema_problems,
)
from tests.unit.programs import STACKS, Graph, Recorder

STRATEGIES = {
    "percentages": {"max_surge": "25%", "max_unavailable": "25%"},
    "counts": {"max_surge": "0", "max_unavailable": "2"},
    "Recreate": {"type": "Recreate"},
    "BlueGreen": {"type": "BlueGreen", "active": "green", "idle_image": "kubia:v1"},
    "Canary": {"type": "Canary", "canary_image": "kubia:v2", "canary_replicas": 2},
    "paused": {"paused": True},
}
PROBES = {
    "httpGet": {"http_get": {}},
    "tcpSocket": {"tcp_socket": {"port": 81}},
    "exec": {"exec": {"command": ["true"]}},
    "grpc": {"grpc": {"service": "web"}},
}
PROGRAMS = {
    **samples.EVERY,
    **{f"strategy-{k}": samples.web(strategy=v) for k, v in STRATEGIES.items()},
    **{f"probe-{k}": samples.web(readiness=v, liveness=v) for k, v in PROBES.items()},
    "load-balancer": samples.web(service_type="LoadBalancer"),
    "operator-elsewhere": samples.operator(namespaces=["shop"]),
    "operator-everywhere": samples.operator(cluster_wide=True),
    "binary-content-alone": samples.site(binary_content={"a.bin": "AAEC"}),
}


def assert_sound(graph: Graph) -> None:
    assert graph.manifests
    known = [m for m in graph.manifests if m["kind"] not in CUSTOM]
    assert [problem for m in known for problem in schema_problems(m)] == []
    workloads = [m for m in graph.manifests if m["kind"] in WORKLOADS]
    assert [problem for m in workloads for problem in restricted_problems(pod_of(m))] == []


@pytest.mark.parametrize("declare", PROGRAMS.values(), ids=PROGRAMS)
def test_the_objects_of_every_component_are_valid_and_restricted(declare: samples.Declare) -> None:
    assert_sound(Recorder(preview=False).under_provider(declare))


@pytest.mark.parametrize("stack", STACKS)
def test_the_objects_of_every_stack_are_valid_and_restricted(stack: str) -> None:
    def change(config: dict[str, object]) -> None:
        config["kubia:secrets"] = {"kubia": {"TOKEN": "s3cret"}}

    assert_sound(Recorder(preview=False).stack(stack, change, secret_keys=["kubia:secrets"]))


def test_a_namespace_is_valid() -> None:
    assert schema_problems(namespace("team", {"env": "test"})) == []


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    manifest = namespace("team", {})
    assert schema_problems({**manifest, "specs": {}}) == [
        "Namespace: : Additional properties are not allowed ('specs' was unexpected)"
    ]


def test_a_pod_that_may_do_too_much_is_found() -> None:
    pod = {"hostNetwork": True, "containers": [{"name": "main", "ports": [{"hostPort": 80}]}]}
    assert list(restricted_problems(pod)) == [
        "hostNetwork",
        "main: may run as root",
        "main: may gain privileges",
        "main: keeps capabilities",
        "main: has no seccomp profile",
        "main: takes a port of the node",
    ]


@pytest.mark.parametrize("declare", PROGRAMS.values(), ids=PROGRAMS)
def test_every_container_says_what_it_needs_and_may_not_write_to_its_image(
    declare: samples.Declare,
) -> None:
    graph = Recorder(preview=False).under_provider(declare)
    for manifest in graph.manifests:
        if manifest["kind"] in WORKLOADS:
            for container in containers_of(pod_of(manifest)):
                assert container["resources"]["requests"].keys() == {"cpu", "memory"}
                assert "memory" in container["resources"]["limits"]
                assert container["securityContext"]["readOnlyRootFilesystem"] is True
            named = "serviceAccountName" in pod_of(manifest)
            assert pod_of(manifest)["automountServiceAccountToken"] is named
            assert pod_of(manifest)["securityContext"]["runAsUser"] >= 10000
