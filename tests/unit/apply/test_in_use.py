"""kubia.apply.in_use: content that the old pods of a paused rollout need."""

from collections.abc import Callable
from typing import Any

import pulumi_kubernetes as k8s

from kubia.apply import text
from kubia.apply.connection import ApiError
from tests.unit.apiserver import Server
from tests.unit.applying import MAPS, up

OLD = "page-0000000000"
NEW = "page-1111111111"


def shop(page: str, *, paused: bool = False) -> Callable[[], None]:
    """Return a program: a Deployment whose pods serve a page, or ("") none."""

    def main() -> None:
        labels = {"app": "web"}
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        pod: Any = {"containers": [{"name": "web", "image": "web:v1"}]}
        if page:
            own: Any = {"name": page, "namespace": "shop"}
            k8s.core.v1.ConfigMap("page", metadata=own, data={"page": page}, immutable=True)
            pod["volumes"] = [{"name": "page", "configMap": {"name": page}}]
        spec: Any = {
            "replicas": 1,
            "paused": paused,
            "strategy": {"type": "RollingUpdate"},
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
        own = {"name": "web", "namespace": "shop"}
        k8s.apps.v1.Deployment("web", metadata=own, spec=spec)

    return main


def test_what_the_pods_of_a_paused_rollout_need_is_kept_until_it_goes_on() -> None:
    server = Server()
    up(server, shop(OLD))

    plan = up(server, shop(NEW, paused=True))

    kept = f"  ! ConfigMap shop/{OLD} is kept: pods of a rollout that is not awaited need it"
    assert kept in text.lines(plan)
    assert {f"{MAPS}/{OLD}", f"{MAPS}/{NEW}"} <= server.objects.keys()
    assert up(server, shop(NEW, paused=True)).is_empty

    up(server, shop(NEW))

    assert f"{MAPS}/{OLD}" not in server.objects
    assert up(server, shop(NEW)).is_empty


def test_all_content_is_kept_where_nobody_may_see_who_needs_it() -> None:
    class Closed(Server):
        def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path.endswith("/replicasets"):
                raise ApiError(403, {"message": "replicasets is forbidden"})
            return super().request(method, path, *rest, **more)

    server = Closed()
    up(server, shop(OLD))

    up(server, shop(NEW, paused=True))

    assert f"{MAPS}/{OLD}" in server.objects


def test_what_is_kept_is_found_again_when_no_other_of_its_kind_is_declared() -> None:
    server = Server()
    up(server, shop(OLD))
    up(server, shop("", paused=True))
    assert f"{MAPS}/{OLD}" in server.objects

    up(server, shop(""))

    assert f"{MAPS}/{OLD}" not in server.objects
