"""Namespaces go when their pods are gone, and the controller is told to look again."""

from typing import Any

import pytest

from kubia.apply import namespaces
from kubia.apply.api import Api
from kubia.console import Progress
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server

SPACE = ObjectRef("", "Namespace", "", "shop")
WEB = ObjectRef("apps", "Deployment", "shop", "web")
PATHS = ("/api/v1/namespaces/shop", "/apis/apps/v1/namespaces/shop/deployments/web")


class Slow(Server):
    """Takes a while to delete a Deployment: its namespace must be deleted and changed meanwhile."""

    def __init__(self, looks: int) -> None:
        """Let the Deployment be seen so many times after it was deleted."""
        super().__init__()
        self.looks = looks
        self.going: set[str] = set()
        hook = {"preStop": {"sleep": {"seconds": 2}}}
        pod = {"containers": [{"lifecycle": hook}]}
        own = {"name": "web", "namespace": "shop"}
        self.put("apps/v1", "Deployment", PATHS[1], own, spec={"template": {"spec": pod}})
        self.put("v1", "Namespace", PATHS[0], {"name": "shop"})

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Answer as the server does, but late."""
        if method == "PATCH":
            self.writes.append(f"touch {path}")
            del self.objects[PATHS[0]]
            return {}
        if method == "DELETE":
            self.writes.append(f"delete {path}")
            self.going.add(path)
            if path == PATHS[0] and PATHS[1] not in self.objects:
                del self.objects[path]
            return {}
        if method == "GET" and path == PATHS[1] and path in self.going:
            self.looks -= 1
            if self.looks < 0:
                self.objects.pop(path, None)
        return super().request(method, path, *rest, **more)


@pytest.mark.parametrize(
    ("looks", "touched"), [(0, False), (1, True)], ids=["pods go at once", "pods stay"]
)
def test_the_namespace_is_changed_only_if_pods_outlived_its_deletion(
    looks: int,
    touched: bool,  # noqa: FBT001 (a parameter)
) -> None:
    server = Slow(looks)
    server_api = Api(server)  # type: ignore[arg-type]
    uids = {
        key: server.objects[path]["metadata"]["uid"]
        for key, path in zip((SPACE, WEB), PATHS, strict=True)
    }

    namespaces.delete(server_api, {WEB: uids[WEB]}, {SPACE: uids[SPACE]}, Progress(None))

    assert server.writes == [
        f"delete {PATHS[1]}",
        f"delete {PATHS[0]}",
        *([f"touch {PATHS[0]}"] if touched else []),
    ]
