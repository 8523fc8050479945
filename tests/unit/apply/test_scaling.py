"""Who has the number of a workload's pods, and that it is handed over without a loss."""

from typing import Any

import pytest

from kubia.apply import plan
from kubia.apply.api import FIELD_MANAGER
from kubia.apply.errors import RefusedError
from kubia.apply.wait import RolloutError
from kubia.live import managed_fields
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import api, desired, up, web

SPACE = "/apis/apps/v1/namespaces/shop/deployments"
DEPLOYMENT = f"{SPACE}/kubia"
SCALER = "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/kubia"
AUTOSCALED = {"autoscaler": {"minReplicas": 2, "maxReplicas": 6}}
CONTROLLER = "kube-controller-manager"


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def replicas(server: Server, path: str = DEPLOYMENT) -> int:
    count: int = server.objects[path]["spec"]["replicas"]
    return count


def scale(server: Server, count: int, by: str = CONTROLLER) -> None:
    applied.scale(server.objects[DEPLOYMENT], count, by)
    server._observe(DEPLOYMENT)  # noqa: SLF001 - as after any other write


def test_an_autoscaler_takes_over_the_pods_that_there_are(server: Server) -> None:
    up(server, web(replicas=4))

    up(server, web(**AUTOSCALED))

    assert replicas(server) == 4
    assert plan.make(api(server), desired(web(**AUTOSCALED))).is_empty


def test_an_autoscaler_of_a_new_service_begins_with_its_least_pods(server: Server) -> None:
    up(server, web(**AUTOSCALED))

    assert replicas(server) == 2


def test_an_autoscaler_of_a_service_that_was_stopped_begins_with_its_least_pods(
    server: Server,
) -> None:
    up(server, web(replicas=0))

    up(server, web(**AUTOSCALED))

    assert replicas(server) == 2


def test_what_an_autoscaler_has_set_stays(server: Server) -> None:
    up(server, web(**AUTOSCALED))
    scale(server, 5)

    up(server, web(image="kubia:v2", **AUTOSCALED))

    assert replicas(server) == 5
    assert plan.make(api(server), desired(web(image="kubia:v2", **AUTOSCALED))).is_empty


@pytest.mark.parametrize("count", [1, 3, 5, 7])
def test_a_number_is_taken_back_from_the_autoscaler_once_that_is_gone(
    server: Server, count: int
) -> None:
    up(server, web(**AUTOSCALED))
    scale(server, 5)

    up(server, web(replicas=count))

    assert replicas(server) == count
    writes = [path for path in server.writes if "configmaps" not in path]
    assert writes == [f"delete {SCALER}", f"apply {DEPLOYMENT}"]
    owner = managed_fields.owner_of(server.objects[DEPLOYMENT], ("spec", "replicas"), FIELD_MANAGER)
    assert owner is not None
    assert owner.is_applying(FIELD_MANAGER)
    up(server, web(replicas=count + 1))
    assert replicas(server) == count + 1


def test_a_number_is_taken_back_even_if_the_autoscaler_went_in_a_run_that_was_killed(
    server: Server,
) -> None:
    up(server, web(**AUTOSCALED))
    scale(server, 5)
    del server.objects[SCALER]

    up(server, web(replicas=3))

    assert replicas(server) == 3


def test_somebody_else_s_autoscaler_keeps_the_number(server: Server) -> None:
    up(server, web(replicas=2))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "kubia"}
    own = {"name": "theirs", "namespace": "shop"}
    path = SCALER.replace("/kubia", "/theirs")
    server.put(
        "autoscaling/v2", "HorizontalPodAutoscaler", path, own, spec={"scaleTargetRef": target}
    )
    scale(server, 5)

    up(server, web(replicas=2, image="kubia:v2"))

    assert replicas(server) == 5


def test_who_scales_by_hand_is_in_conflict(server: Server) -> None:
    up(server, web(replicas=2))
    scale(server, 5, by="kubectl")

    with pytest.raises(RefusedError) as caught:
        up(server, web(replicas=2))
    assert "spec.replicas is managed by" in str(caught.value)


def test_pods_go_last_where_others_behind_the_same_service_come(server: Server) -> None:
    canary: dict[str, Any] = {"type": "Canary", "canaryImage": "kubia:v2"}
    up(server, web(replicas=1, strategy={**canary, "canaryReplicas": 4}))

    up(server, web(replicas=4, strategy={**canary, "canaryReplicas": 1}))

    assert server.writes == [
        f"apply {SPACE}/kubia-canary",
        f"apply {DEPLOYMENT}",
        f"apply {SPACE}/kubia-canary",
    ]
    assert (replicas(server), replicas(server, f"{SPACE}/kubia-canary")) == (4, 1)


def test_pods_that_others_manage_go_last_too_when_they_are_taken_over(server: Server) -> None:
    canary: dict[str, Any] = {"type": "Canary", "canaryImage": "kubia:v2"}
    path = f"{SPACE}/kubia-canary"
    up(server, web(replicas=1, strategy={**canary, "canaryReplicas": 4}))
    stolen = {"spec": {"replicas": 4, "paused": True}}
    server.objects[path] = applied.apply(server.objects[path], stolen, "thief", force=True)

    up(server, web(replicas=4, strategy={**canary, "canaryReplicas": 1}), force=True)

    take = [f"replace {path}", f"apply {path}", f"merge {path}"]
    assert server.writes == [*take, f"apply {DEPLOYMENT}", *take]
    live = server.objects[path]
    assert (live["spec"]["replicas"], "paused" in live["spec"]) == (1, False)
    assert [entry["manager"] for entry in live["metadata"]["managedFields"]] == [FIELD_MANAGER]


def test_a_failed_rollout_names_the_autoscaler_that_went_before_it() -> None:
    server = Server()
    up(server, web(autoscaler={"minReplicas": 2, "maxReplicas": 5}))
    server.broken.add("kubia:v2")

    with pytest.raises(RolloutError) as caught:
        up(server, web(image="kubia:v2", replicas=2))

    assert str(caught.value).endswith(
        "\nnothing but HorizontalPodAutoscaler shop/kubia was deleted; fix the program and run "
        "`kubia up` again."
    )
