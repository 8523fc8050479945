"""kubia.actions.reach: what a name means in a stack's namespace."""

import pytest

from kubia.actions import reach
from kubia.apply.api import Api
from kubia.errors import InvalidError
from tests.unit.apiserver import Server

SPACE = "namespaces/shop"


@pytest.fixture(name="api")
def _api() -> Api:
    server = Server()
    for name, labels in (("web", {"app": "web", "track": "blue"}), ("help", {"app": "help"})):
        server.put(
            "v1",
            "Service",
            f"/api/v1/{SPACE}/services/{name}",
            {"name": name, "namespace": "shop"},
            spec={"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]},
        )
    for kind, plural, name in (
        ("Deployment", "deployments", "web"),
        ("DaemonSet", "daemonsets", "disk"),
    ):
        server.put(
            "apps/v1",
            kind,
            f"/apis/apps/v1/{SPACE}/{plural}/{name}",
            {"name": name, "namespace": "shop"},
            spec={"selector": {"matchLabels": {"app": name}}},
        )
    return Api(server)  # type: ignore[arg-type]


def test_a_name_means_the_pods_that_its_service_serves_or_else_its_workloads(api: Api) -> None:
    assert reach.pods(api, "shop", "web") == {"app": "web", "track": "blue"}
    assert reach.pods(api, "shop", "disk") == {"app": "disk"}


def test_only_what_has_a_service_has_an_address(api: Api) -> None:
    assert reach.served(api, "shop", "help") == 80
    with pytest.raises(InvalidError) as caught:
        reach.served(api, "shop", "disk")
    assert str(caught.value) == "nothing is called 'disk' in shop: help, web is."


def test_an_unknown_name_is_refused_with_those_that_there_are(api: Api) -> None:
    with pytest.raises(InvalidError) as caught:
        reach.pods(api, "shop", "wep")
    assert str(caught.value) == (
        "nothing is called 'wep' in shop: disk, help, web is; did you mean 'web'?"
    )
