"""A route comes to lead to a Service when that has endpoints; what it led to goes afterwards."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.apply import execute, plan, wait
from kubia.apply.wait import RolloutError, Timing
from kubia.console import Progress
from tests.unit import controllers
from tests.unit.apiserver import KINDS, ROUTES, Server
from tests.unit.applying import Main, api, desired, up, web

ROUTE = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/kubia"
CANARY = "/api/v1/namespaces/shop/services/kubia-canary"
WEIGHED = {"type": "Canary", "canaryImage": "kubia:v2", "canaryWeight": 10}
LED = {"route": {"parentRefs": [{"name": "gw"}]}, "replicas": 2}
SOON = Timing(first_pause=0.0, longest_pause=0.0, settling=0.0, routing=0.0)


class Taught(Server):
    """A cluster that knows routes; the endpoints of a Service come when it is asked once more."""

    kinds = (*KINDS, ROUTES)
    late = 0

    def _slices(self, objects: controllers.Objects) -> controllers.Objects:
        self.late -= 1
        return {} if self.late >= 0 else super()._slices(objects)


@pytest.fixture(name="server")
def _server() -> Taught:
    return Taught()


def hear(server: Taught, generation: int, **parent: str) -> None:
    """Let a Gateway say that it has taken the route, as it was in a generation."""
    condition = {"type": "Accepted", "status": "True", "observedGeneration": generation}
    ref = {"kind": "Gateway", "name": "gw", **parent}
    server.objects[ROUTE]["status"] = {"parents": [{"parentRef": ref, "conditions": [condition]}]}


def test_a_route_leads_to_a_canary_only_when_its_service_has_endpoints(server: Taught) -> None:
    up(server, web(**LED))
    server.late = 2

    up(server, web(**LED, strategy=WEIGHED))

    assert server.late < 0
    assert server.writes.index(f"apply {CANARY}") < server.writes.index(f"apply {ROUTE}")


def test_a_new_route_waits_for_nobody(server: Taught) -> None:
    server.late = 2
    up(server, web(**LED, strategy=WEIGHED))
    assert server.late == 2


def test_another_weight_changes_the_route_alone_and_at_once(server: Taught) -> None:
    up(server, web(**LED, strategy=WEIGHED))
    server.late = 2

    up(server, web(**LED, strategy={**WEIGHED, "canaryWeight": 50}))

    assert (server.writes, server.late) == ([f"apply {ROUTE}"], 2)


def test_a_route_stays_where_it_is_while_a_service_has_no_endpoints(server: Taught) -> None:
    up(server, leading("old"))
    server.broken.add("new")

    with pytest.raises(RolloutError) as caught:
        up(server, leading("new"))

    assert str(caught.value).startswith(
        "Service shop/new did not roll out: it has no ready endpoint\n"
    )
    (rule,) = server.objects[ROUTE]["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": "old", "port": 80}]
    assert "/api/v1/namespaces/shop/services/old" in server.objects


def leading(name: str) -> Main:
    """Return a program whose route leads to a Service of pods that nobody waits for."""

    def main() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        labels = {"app": name}
        note = {"pulumi.com/skipAwait": "true", "pulumi.com/timeoutSeconds": "0"}
        own: Any = {"name": name, "namespace": "shop"}
        pod: Any = {"metadata": {"labels": labels}, "spec": {"containers": [{"image": name}]}}
        spec: Any = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
        spec |= {"strategy": {"type": "RollingUpdate"}}
        noted: Any = {**own, "annotations": note}
        k8s.apps.v1.Deployment(name, metadata=noted, spec=spec)
        service = k8s.core.v1.Service(name, metadata=own, spec={"selector": labels})
        k8s.apiextensions.CustomResource(
            "route",
            api_version="gateway.networking.k8s.io/v1",
            kind="HTTPRoute",
            metadata={"name": "kubia", "namespace": "shop"},
            spec={"rules": [{"backendRefs": [{"name": name, "port": 80}]}]},
            opts=pulumi.ResourceOptions(depends_on=[service]),
        )

    return main


@pytest.mark.parametrize(
    ("generation", "parent"),
    [(2, {}), (1, {"name": "another"}), (1, {"namespace": "infra"})],
    ids=["it is heard of", "by no Gateway of the route", "by none of this namespace"],
)
def test_what_no_gateway_leads_to_may_go(
    server: Taught, generation: int, parent: dict[str, str]
) -> None:
    up(server, web(**LED, strategy=WEIGHED))
    hear(server, generation, **parent)

    abort(server)

    assert CANARY not in server.objects


def test_a_service_stays_while_a_gateway_has_not_heard_that_the_route_left_it(
    server: Taught,
) -> None:
    up(server, web(**LED, strategy=WEIGHED))
    hear(server, 1)

    for _ in range(2):  # another `up` changes nothing about that
        with pytest.raises(RolloutError) as caught:
            abort(server)
        assert str(caught.value).startswith(
            "HTTPRoute shop/kubia did not roll out: not yet taken by Gateway shop/gw: see that its "
            "controller runs\n"
        )
        assert CANARY in server.objects

    hear(server, 2)
    abort(server)
    assert CANARY not in server.objects


def abort(server: Taught) -> None:
    """Take the canary away."""
    planned = plan.make(api(server), desired(web(**LED)))
    execute.apply(api(server), planned, Progress(None), timing=SOON)


def test_pods_leave_a_service_when_others_serve_there(server: Taught) -> None:
    before = {"type": "Canary", "canaryImage": "kubia:v2", "canaryReplicas": 2}
    up(server, web(**{**LED, "replicas": 0}, strategy=before))

    up(server, web(**LED, strategy=WEIGHED))

    deployments = [write for write in server.writes if "/deployments/" in write]
    assert [write.rpartition("/")[2] for write in deployments] == ["kubia", "kubia-canary"]


def test_a_gateway_has_a_minute_to_hear_of_a_route() -> None:
    assert wait.TIMING.routing == 60.0
