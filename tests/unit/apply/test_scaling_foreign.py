"""kubia.apply.scaling: whoever declared an autoscaler, the replicas are its own."""

from typing import Any

import pytest

from kubia.apply import plan
from kubia.apply.connection import ApiError
from kubia.apply.errors import RefusedError
from kubia.drift import detect, text
from tests.unit.apiserver import Server
from tests.unit.applying import WEB, api, desired, shop, up

SCALER = "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/web"
NOTE = "HorizontalPodAutoscaler shop/web, which the stack does not declare"


def scaled(replicas: int) -> Server:
    """Return a server with the stack, whose Deployment somebody's autoscaler scales."""
    server = Server()
    up(server, shop(replicas=3))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    own = {"name": "web", "namespace": "shop"}
    kind = ("autoscaling/v1", "HorizontalPodAutoscaler", SCALER)
    server.put(*kind, own, spec={"scaleTargetRef": target})
    live = server.objects[WEB]
    live["spec"]["replicas"] = replicas
    (entry,) = live["metadata"]["managedFields"]
    del entry["fieldsV1"]["f:spec"]["f:replicas"]
    live["metadata"]["managedFields"].append(
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "subresource": "scale",
            "fieldsV1": {"f:spec": {"f:replicas": {}}},
        }
    )
    return server


def test_an_up_leaves_the_replicas_and_says_so_once() -> None:
    server = scaled(5)

    planned = up(server, shop(replicas=3, image="b"))

    assert planned.notes == (f"replicas of Deployment shop/web are left to {NOTE}",)
    assert server.objects[WEB]["spec"]["replicas"] == 5
    assert server.objects[WEB]["spec"]["image"] == "b"


def test_the_replicas_are_no_drift_and_the_autoscaler_is_named() -> None:
    server = scaled(5)

    assert list(text.lines(detect.find(api(server), desired(shop(replicas=3))))) == [
        "  ! Deployment shop/web",
        f"      ! its replicas are left to {NOTE}",
        "no drift",
    ]


def test_a_number_that_is_still_ours_is_not_reset() -> None:
    server = scaled(5)
    live = server.objects[WEB]
    live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"] = {}
    del live["metadata"]["managedFields"][1]

    planned = plan.make(api(server), desired(shop(replicas=3)))

    (web,) = [change for change in planned.changes if change.key.name == "web"]
    assert web.manifest["spec"]["replicas"] == 5


def test_without_an_autoscaler_another_number_is_drift() -> None:
    server = scaled(5)
    del server.objects[SCALER]

    (drifted,) = detect.find(api(server), desired(shop(replicas=3)))

    assert [finding.path for finding in drifted.counted] == ["spec.replicas"]


class Veiled(Server):
    """A server that lets nobody see autoscalers."""

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        if path.endswith("/horizontalpodautoscalers"):
            raise ApiError(403, {"message": "not yours to see"})
        return super().request(method, path, *rest, **more)


def test_where_autoscalers_are_not_seen_their_number_is_not_taken_from_them() -> None:
    server = scaled(5)
    server.__class__ = Veiled

    with pytest.raises(RefusedError) as caught:
        plan.make(api(server), desired(shop(replicas=3)))
    assert "spec.replicas is managed by" in str(caught.value)
