"""kubia.apply.pods: how the pods of live Deployments do, as far as we may ask."""

from typing import Any

from kubia.apply import pods
from kubia.apply.connection import ApiError
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import api
from tests.unit.live_objects import replica_set

WEB = ObjectRef("apps", "Deployment", "shop", "web")
SETS = "/apis/apps/v1/namespaces/shop/replicasets"


def deployments(count: int = 1) -> dict[ObjectRef, dict[str, Any]]:
    spec = {"selector": {"matchLabels": {"app": "web"}}}
    return {WEB._replace(name=f"web{number or ''}"): {"spec": spec} for number in range(count)}


class Forbidding(Server):
    """Lets nobody read ReplicaSets."""

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        if method == "GET" and path == SETS:
            raise ApiError(403, {"message": "replicasets is forbidden"})
        return super().request(method, path, *rest, **more)


def test_a_deployments_own_pods_are_shown() -> None:
    server = Server()
    own, canary = replica_set("web:v1", 1, 3, 3), replica_set("web:v2", 1, 1, 0, owner="canary")
    for item in (own, canary):
        path = f"{SETS}/{item['metadata']['name']}"
        server.objects[path] = {"apiVersion": "apps/v1", "kind": "ReplicaSet", **item}

    assert pods.summaries(api(server), deployments()) == {WEB: "v1 3/3 ready"}
    assert pods.summaries(api(server), deployments(pods.MANY + 1)) == {}


def test_nothing_is_shown_of_pods_whose_replica_sets_we_may_not_read() -> None:
    assert pods.summaries(api(Forbidding()), deployments()) == {}
