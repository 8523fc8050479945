"""kubia.drift.autoscaled: none at all is no number that an autoscaler keeps."""

from typing import Any

import pytest

from kubia.drift import detect
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import WEB, api, desired, shop, up, web

DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/kubia"
SCALER = "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/web"
AUTOSCALED = {"autoscaler": {"minReplicas": 2, "maxReplicas": 6}}


@pytest.mark.parametrize(("count", "found"), [(0, 1), (1, 0), (6, 0)])
def test_that_somebody_has_scaled_to_none_is_found_and_no_other_number(
    count: int, found: int
) -> None:
    server = Server()
    up(server, web(**AUTOSCALED))
    applied.scale(server.objects[DEPLOYMENT], count, "kubectl")

    drifted = detect.find(api(server), desired(web(**AUTOSCALED)))

    text = (
        "has no pods, and HorizontalPodAutoscaler shop/kubia does nothing at 0: `kubectl --context "
        "fake -n shop scale deployment/kubia --replicas=2` goes on"
    )
    by = "by kubectl (Update, no time is kept)"
    assert [(it.counted[0].text, it.counted[0].by) for it in drifted] == [(text, by)] * found


@pytest.mark.parametrize(
    ("spec", "owner", "declared", "found"),
    [
        ({}, None, 3, 1),
        ({"minReplicas": 0}, None, 3, 0),
        ({}, {"name": "web", "uid": "scaled-object", "controller": True}, 3, 0),
        ({}, None, 0, 0),
    ],
    ids=["a stranger's", "down to none", "KEDA's", "declared so"],
)
def test_an_autoscaler_that_may_or_shall_have_none_is_left_alone(
    spec: dict[str, Any], owner: dict[str, Any] | None, declared: int, found: int
) -> None:
    server = Server()
    up(server, shop(replicas=declared))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    own: dict[str, Any] = {"name": "web", "namespace": "shop"}
    own["ownerReferences"] = [owner] if owner else []
    kind = ("autoscaling/v1", "HorizontalPodAutoscaler", SCALER)
    server.put(*kind, own, spec={"scaleTargetRef": target, **spec})
    applied.scale(server.objects[WEB], 0, "somebody")

    (drifted,) = detect.find(api(server), desired(shop(replicas=declared)))

    assert len(drifted.counted) == found
