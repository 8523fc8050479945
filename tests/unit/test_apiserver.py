"""The API server in memory: what it must get right for tests to rely on it."""

from typing import Any

import pytest

from kubia.apply.connection import ApiError
from tests.unit.apiserver import Server

MAPS = "/api/v1/namespaces/shop/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
APPLY = "application/apply-patch+yaml"


def config_map(**data: str) -> dict[str, Any]:
    own = {"name": "page", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": own, "data": data}


def deployment(image: str, cpu: str = "1", kind: str = "RollingUpdate") -> dict[str, Any]:
    box = {"name": "web", "image": image, "resources": {"requests": {"cpu": cpu}}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [box]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "replicas": 2,
            "strategy": {"type": kind},
            "selector": {"matchLabels": {"app": "web"}},
            "template": template,
        },
    }


def apply(server: Server, body: dict[str, Any], manager: str = "us", **query: str) -> Any:
    kind = DEPLOYMENTS if body["kind"] == "Deployment" else MAPS
    path = f"{kind}/{body['metadata']['name']}"
    return server.request("PATCH", path, {"fieldManager": manager, **query}, body, APPLY)


def pods(server: Server) -> list[tuple[str, int, int]]:
    """Return image, pods and ready pods of each ReplicaSet that has any."""
    return [
        (
            item["spec"]["template"]["spec"]["containers"][0]["image"],
            item["spec"]["replicas"],
            item["status"]["readyReplicas"],
        )
        for item in server.objects.values()
        if item["kind"] == "ReplicaSet" and item["spec"]["replicas"]
    ]


def test_a_manager_removes_what_it_no_longer_applies_and_nothing_else() -> None:
    server = Server()
    apply(server, config_map(a="1", b="2"))
    apply(server, config_map(c="3"), "them")

    apply(server, config_map(a="1"))

    assert server.objects[f"{MAPS}/page"]["data"] == {"a": "1", "c": "3"}


def test_another_managers_field_is_a_conflict_until_it_is_taken_over() -> None:
    server = Server()
    apply(server, config_map(a="1"), "them")

    with pytest.raises(ApiError) as caught:
        apply(server, config_map(a="2"))

    assert caught.value.causes == [{"field": ".data.a", "message": 'conflict with "them"'}]
    apply(server, config_map(a="2"), force="true")
    with pytest.raises(ApiError):
        apply(server, config_map(a="1"), "them")


def test_immutable_content_does_not_change() -> None:
    server = Server()
    apply(server, {**config_map(a="1"), "immutable": True})

    with pytest.raises(ApiError) as caught:
        apply(server, {**config_map(a="2"), "immutable": True})

    assert str(caught.value) == "data: field is immutable"


def test_a_dry_run_changes_nothing() -> None:
    server = Server()

    answer = apply(server, config_map(a="1"), dryRun="All")

    assert answer["data"] == {"a": "1"}
    assert f"{MAPS}/page" not in server.objects


def test_new_pods_replace_old_ones_unless_they_cannot_start() -> None:
    server = Server()
    apply(server, deployment("web:v1"))
    apply(server, deployment("web:v2"))
    assert pods(server) == [("web:v2", 2, 2)]

    apply(server, deployment("web:v3", cpu="99"))
    assert pods(server) == [("web:v2", 2, 2), ("web:v3", 2, 0)]

    apply(server, deployment("web:v3", cpu="99", kind="Recreate"))
    assert pods(server) == [("web:v3", 2, 0)]


def test_what_a_deleted_deployment_owns_goes_with_it() -> None:
    server = Server()
    live = apply(server, deployment("web:v1"))

    body = {"preconditions": {"uid": live["metadata"]["uid"]}}
    server.request("DELETE", f"{DEPLOYMENTS}/web", body=body)

    assert pods(server) == []
