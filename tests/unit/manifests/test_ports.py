"""kubia.manifests.ports: ports by name, and what others may call by these names."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests import ports, web_service
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.ports import Port
from kubia.manifests.releases import deployment, releases
from kubia.manifests.web_service import WebService
from tests.unit.objects import pod_of

META = Meta(name="web", namespace="team", component="web")
SEVERAL = {
    "metrics": {"port": 9090},
    "dns": {"port": 53, "protocol": "UDP", "servicePort": 5353},
    "grpc": {"port": 9000, "appProtocol": "kubernetes.io/h2c"},
}


def web(**fields: Any) -> WebService:
    return parse(WebService, {"image": "kubia:v1", **fields})


def test_a_port_is_the_containers_and_the_services_by_one_name() -> None:
    spec = web(ports=SEVERAL)
    (release,) = releases(META, spec)
    (container,) = pod_of(deployment(release, spec))["containers"]
    assert container["ports"] == [
        {"name": "http", "containerPort": 8080},
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
        {"name": "grpc", "containerPort": 9000, "protocol": "TCP"},
        {"name": "metrics", "containerPort": 9090, "protocol": "TCP"},
    ]
    assert web_service.service(META, spec)["spec"]["ports"] == [
        {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"},
        {"name": "dns", "port": 5353, "targetPort": "dns", "protocol": "UDP"},
        {
            "name": "grpc",
            "port": 9000,
            "targetPort": "grpc",
            "protocol": "TCP",
            "appProtocol": "kubernetes.io/h2c",
        },
        {"name": "metrics", "port": 9090, "targetPort": "metrics", "protocol": "TCP"},
    ]


def test_one_number_may_be_of_two_protocols() -> None:
    both = {"dns": {"port": 53, "protocol": "UDP"}, "dns-tcp": {"port": 53}}
    assert [port.port for port in web(ports=both).ports.values()] == [53, 53]


@pytest.mark.parametrize("name", ["a", "m3", "a-b", "x" * 15, "9p"])
def test_a_name_is_of_at_most_fifteen_characters(name: str) -> None:
    assert list(ports.problems({name: Port(port=1)}, Port(port=2), "ClusterIP")) == []


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a long name": (
        {"ports": {"x" * 16: {"port": 1}}},
        (
            f"ports: '{'x' * 16}' is not a port's name; use at most 15 lower-case letters, digits "
            "and single '-' between them, with a letter among them"
        ),
    ),
    "a name of digits": (
        {"ports": {"80": {"port": 1}}},
        (
            "ports: '80' is not a port's name; use at most 15 lower-case letters, digits and "
            "single '-' between them, with a letter among them"
        ),
    ),
    "the main port's name": (
        {"ports": {"http": {"port": 1}}},
        "ports.http: is the main port's name; give that by port, servicePort and nodePort",
    ),
    "a port of nobody": (
        {"ports": {"metrics": {"port": 0, "servicePort": 65536, "nodePort": 0}}},
        (
            "ports.metrics.port: is 0; must be from 1 to 65535\n"
            "ports.metrics.servicePort: is 65536; must be from 1 to 65535\n"
            "ports.metrics.nodePort: is 0; must be from 1 to 65535"
        ),
    ),
    "a protocol with a space": (
        {"ports": {"grpc": {"port": 1, "appProtocol": "h 2"}}},
        (
            "ports.grpc.appProtocol: 'h 2' is not a protocol; use at most 63 letters, digits, "
            "'-', '_' and '.', and begin and end with a letter or digit"
        ),
    ),
    "the container's main port": (
        {"ports": {"metrics": {"port": 8080}}},
        "ports.metrics.port: is 8080 (TCP), as that of http; give each its own",
    ),
    "the service's main port": (
        {"ports": {"metrics": {"port": 9090, "servicePort": 80}}},
        "ports.metrics.servicePort: is 80 (TCP), as that of http; give each its own",
    ),
    "a node port twice": (
        {
            "serviceType": "NodePort",
            "ports": {"a": {"port": 1, "nodePort": 30001}, "b": {"port": 2, "nodePort": 30001}},
        },
        "ports.b.nodePort: is 30001 (TCP), as that of a; give each its own",
    ),
    "a node port of a ClusterIP": (
        {"ports": {"a": {"port": 1, "nodePort": 30001}}},
        "ports.a.nodePort: is 30001, but serviceType is ClusterIP; use NodePort",
    ),
    "an unknown key": (
        {"ports": {"a": {"port": 1, "protocl": "UDP"}}},
        "ports.a.protocl: is not a known key; did you mean 'protocol'?",
    ),
    "an ingress to a port that is not there": (
        {"ingress": {"paths": [{"port": "metrics"}]}},
        "ingress.paths[0].port: is 'metrics'; must be the name of a port: http",
    ),
    "a route to a port of datagrams": (
        {"ports": SEVERAL, "route": {"parentRefs": [{"name": "gw"}], "port": "dns"}},
        "route.port: is 'dns', a port of UDP; must be one of TCP",
    ),
    "a monitor of a port that is not there": (
        {"ports": SEVERAL, "monitor": {"port": "metric"}},
        "monitor.port: is 'metric'; must be the name of a port: http, metrics, dns, grpc",
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_a_web_service_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        web(**fields)
    assert str(caught.value) == text
