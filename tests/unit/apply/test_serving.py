"""No Service is moved to, and nothing that serves is removed for, what has no ready pods."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.apply.connection import ApiError
from kubia.apply.errors import RefusedError
from kubia.apply.wait import RolloutError
from tests.unit import controllers
from tests.unit.apiserver import Server
from tests.unit.applying import Main, up, web

BLUE = {"type": "BlueGreen", "active": "blue"}
GREEN = {"type": "BlueGreen", "active": "green"}
CANARY = {"type": "Canary", "canaryImage": "kubia:v2"}
SERVICE = "/api/v1/namespaces/shop/services/kubia"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/kubia"


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def refusal(server: Server, main: Main) -> str:
    """Return why the program is refused; nothing is written then."""
    before = len(server.objects)
    server.writes.clear()
    with pytest.raises(RefusedError) as caught:
        up(server, main)
    assert (server.writes, len(server.objects)) == ([], before)
    return str(caught.value).partition("\n  ")[2]


def test_a_paused_rollout_that_does_not_exist_yet_is_no_target(server: Server) -> None:
    up(server, web(replicas=2, strategy=BLUE))

    assert refusal(server, web(replicas=2, strategy={"paused": True})) == (
        "Deployment shop/kubia does not exist yet and is paused: it would have no pods, and "
        "Service shop/kubia nobody to go to; leave paused out until it runs."
    )


def test_a_paused_rollout_that_runs_stands(server: Server) -> None:
    up(server, web(replicas=2))
    up(server, web(replicas=2, strategy={"paused": True}))

    up(server, web(replicas=2, image="kubia:v2", strategy={"paused": True}))

    images = {pod["spec"]["containers"][0]["image"] for pod in pods(server)}
    assert (images, len(pods(server))) == ({"kubia:v1"}, 2)


def test_what_serves_is_not_removed_for_a_deployment_without_pods(server: Server) -> None:
    up(server, web(replicas=0, strategy=CANARY))

    assert refusal(server, web(replicas=0)) == (
        "Service shop/kubia would be left without a pod: it shall go to Deployment shop/kubia "
        "(replicas: 0) alone, and what serves now would go. Let that run first; to stop "
        "everything on purpose, set its replicas to 0 and change nothing else."
    )


def test_a_service_does_not_switch_to_a_colour_without_pods(server: Server) -> None:
    up(server, web(replicas=2, strategy=BLUE))

    assert "(replicas: 0) alone" in refusal(server, web(replicas=0, strategy=GREEN))


class NoPods(Server):
    """Does not list pods, for the reason that the code gives."""

    code = 403

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Refuse the lists of pods."""
        if method == "GET" and path.endswith("/pods"):
            raise ApiError(self.code, {"message": "no pods for you"})
        return super().request(method, path, *rest, **more)


def test_whoever_may_not_see_pods_is_refused_by_what_the_workloads_count() -> None:
    server = NoPods()
    up(server, web(replicas=2, strategy=BLUE))

    assert "(replicas: 0) alone" in refusal(server, web(replicas=0, strategy=GREEN))

    up(server, web(replicas=2, strategy=GREEN))
    up(server, web(replicas=0, strategy=GREEN))
    assert pods(server) == []


@pytest.mark.parametrize("code", [500, 503])
def test_pods_that_could_not_be_listed_are_not_taken_for_none(code: int) -> None:
    server = NoPods()
    up(server, web(replicas=2, strategy=BLUE))
    server.code = code
    server.writes.clear()

    with pytest.raises(ApiError, match="no pods for you"):
        up(server, web(replicas=0, strategy=GREEN))
    assert server.writes == []


@pytest.mark.parametrize("strategy", [{}, BLUE, {"type": "Recreate"}])
def test_everything_may_be_stopped_on_purpose(server: Server, strategy: dict[str, Any]) -> None:
    up(server, web(replicas=2, strategy=strategy))

    up(server, web(replicas=0, strategy=strategy))

    assert pods(server) == []


def test_a_service_of_an_earlier_version_is_narrowed_before_it_meets_a_colour(
    server: Server,
) -> None:
    up(server, web(replicas=2))
    server.objects[SERVICE]["spec"]["selector"] = {"app": "kubia"}

    assert refusal(server, web(replicas=2, strategy=BLUE)) == (
        "Service shop/kubia selects app=kubia and would send requests to new pods of Deployment "
        "shop/kubia-blue before they are released: run `kubia up` once with the strategy as it "
        "was, which narrows the Service, and then this."
    )

    up(server, web(replicas=2))
    up(server, web(replicas=2, strategy=BLUE))
    assert server.objects[SERVICE]["spec"]["selector"]["app.kubernetes.io/instance"] == "kubia-blue"


def test_a_service_stays_where_it_is_while_its_new_pods_are_not_ready(server: Server) -> None:
    up(server, unawaited("old"))
    server.broken.add("new")

    with pytest.raises(RolloutError) as caught:
        up(server, unawaited("new"))

    assert str(caught.value).startswith(
        "Service default/shop did not roll out: 0 of the 1 pods that it needs are ready"
    )
    live = server.objects["/api/v1/namespaces/default/services/shop"]
    assert live["spec"]["selector"] == {"app": "old"}
    assert "/apis/apps/v1/namespaces/default/deployments/old" in server.objects


def unawaited(name: str) -> Main:
    """Return a program whose Service goes to a Deployment that nobody waits for."""

    def main() -> None:
        labels = {"app": name}
        note = {"pulumi.com/skipAwait": "true", "pulumi.com/timeoutSeconds": "0"}
        metadata: Any = {"name": name, "namespace": "default", "annotations": note}
        pod: Any = {"metadata": {"labels": labels}, "spec": {"containers": [{"image": name}]}}
        spec: Any = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
        spec |= {"strategy": {"type": "RollingUpdate"}}
        first = k8s.apps.v1.Deployment(name, metadata=metadata, spec=spec)
        own: Any = {"name": "shop", "namespace": "default"}
        opts = pulumi.ResourceOptions(depends_on=[first])
        k8s.core.v1.Service("shop", metadata=own, spec={"selector": labels}, opts=opts)

    return main


def pods(server: Server) -> list[dict[str, Any]]:
    """Return all pods."""
    return list(controllers.pods(server.objects).values())
