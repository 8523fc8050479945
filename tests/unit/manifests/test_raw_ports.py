"""kubia.manifests.raw_ports: declared ports stay what others go to, and new ones are added."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests import web_service
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.raw import applied
from kubia.manifests.releases import deployment, releases
from kubia.manifests.web_service import WebService
from tests.unit.objects import pod_of

META = Meta(name="web", namespace="team", component="web")
DNS = {
    "dns": {"port": 5353, "servicePort": 53, "protocol": "UDP"},
    "dns-tcp": {"port": 5353, "servicePort": 53},
}


def in_container(ports: Any) -> dict[str, Any]:
    containers = [{"name": "nodejs", "ports": ports}]
    return {"deployment": {"spec": {"template": {"spec": {"containers": containers}}}}}


def in_service(ports: Any) -> dict[str, Any]:
    return {"service": {"spec": {"ports": ports}}}


def web(raw: Mapping[str, Any], **fields: Any) -> WebService:
    return parse(WebService, {"image": "kubia:v1", "ports": DNS, "raw": raw, **fields})


OF_POD = "raw.deployment.spec.template.spec.containers.nodejs.ports"
OF_SERVICE = "raw.service.spec.ports"
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "another name in the container": (
        in_container([{"containerPort": 8080, "name": "web"}]),
        (
            f"{OF_POD}[0].name: is 'web', but it is merged into http (TCP), to which others go; "
            "leave it out, or declare another port in ports"
        ),
    ),
    "no name in the container": (
        in_container([{"containerPort": 8080, "name": None}]),
        (
            f"{OF_POD}[0].name: is None, but it is merged into http (TCP), to which others go; "
            "leave it out, or declare another port in ports"
        ),
    ),
    "none in the container": (
        in_container([{"containerPort": 8080, "$patch": "delete"}]),
        f"{OF_POD}[0]: would delete port http, to which others go by name; leave it out",
    ),
    "none at all in the container": (
        in_container(None),
        (
            f"{OF_POD}: is null, and with it would go the ports that others go to by name; "
            "leave it out"
        ),
    ),
    "another port of a name in the container": (
        in_container([{"containerPort": 8081}, {"containerPort": 8082, "name": "http"}]),
        f"{OF_POD}[1].name: is 'http', the name of a declared port; choose another name",
    ),
    "one of two in the container": (
        in_container([{"containerPort": 5353, "hostPort": 5353}]),
        (
            f"{OF_POD}[0].containerPort: is 5353, which dns and dns-tcp share, so that it could be "
            "merged into either; say in ports what each is"
        ),
    ),
    "another name in the Service": (
        in_service([{"port": 80, "name": "web"}]),
        (
            f"{OF_SERVICE}[0].name: is 'web', but it is merged into http (TCP), to which others "
            "go; leave it out, or declare another port in ports"
        ),
    ),
    "another protocol in the Service": (
        in_service([{"port": 80, "protocol": "UDP"}]),
        (
            f"{OF_SERVICE}[0].protocol: is 'UDP', but it is merged into http (TCP), to which "
            "others go; leave it out, or declare another port in ports"
        ),
    ),
    "none in the Service": (
        in_service([{"port": 80, "$patch": "delete"}]),
        f"{OF_SERVICE}[0]: would delete port http, to which others go by name; leave it out",
    ),
    "none at all in the Service": (
        in_service(None),
        (
            f"{OF_SERVICE}: is null, and with it would go the ports that others go to by name; "
            "leave it out"
        ),
    ),
    "one of two in the Service": (
        in_service([{"port": 53, "protocol": "TCP", "appProtocol": "dns"}]),
        (
            f"{OF_SERVICE}[0].port: is 53, which dns and dns-tcp share, so that it could be merged "
            "into either; say in ports what each is"
        ),
    ),
}


@pytest.mark.parametrize(("raw", "text"), REFUSED.values(), ids=REFUSED)
def test_a_declared_port_is_not_made_another(raw: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        web(raw)
    assert str(caught.value) == text


def test_a_port_is_added_and_a_declared_one_is_added_to() -> None:
    spec = web(
        {
            **in_container([{"containerPort": 9000, "name": "debug"}]),
            **in_service([{"port": 80, "targetPort": 8080, "protocol": "TCP"}, {"port": 9000}]),
        }
    )
    (release,) = releases(META, spec)
    (container,) = pod_of(deployment(release, spec))["containers"]
    assert container["ports"][0] == {"name": "http", "containerPort": 8080}
    assert container["ports"][-1] == {"name": "debug", "containerPort": 9000}
    ports = applied(web_service.service(META, spec), spec.raw)["spec"]["ports"]
    assert ports[0] == {"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}
    assert ports[-1] == {"port": 9000}


def test_ports_of_other_containers_are_their_own() -> None:
    raw = in_container([])
    pod = raw["deployment"]["spec"]["template"]["spec"]
    pod["containers"] = [{"name": "log", "ports": [{"containerPort": 8080, "name": "log"}]}]
    log = {"name": "log", "image": "log:v1"}
    assert web(raw, pod={"containers": [log]}).raw == raw
