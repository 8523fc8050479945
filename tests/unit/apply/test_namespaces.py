"""Namespaces go when their pods are gone, and the controller is made to check again."""

from typing import Any

import pytest

from kubia.apply import namespaces
from kubia.console import Progress
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import api

SPACE = ObjectRef("", "Namespace", "", "shop")
WEB = ObjectRef("apps", "Deployment", "shop", "web")
PATHS = ("/api/v1/namespaces/shop", "/apis/apps/v1/namespaces/shop/deployments/web")


class Slow(Server):
    """Takes a while to delete a Deployment: its namespace must be deleted and changed meanwhile."""

    def __init__(self, reads: int) -> None:
        """Let the Deployment be seen so many times after it was deleted."""
        super().__init__()
        self.reads = reads
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
            self.reads -= 1
            if self.reads < 0:
                self.objects.pop(path, None)
        return super().request(method, path, *rest, **more)


@pytest.mark.parametrize(
    ("reads", "touched"), [(0, False), (1, True)], ids=["pods go at once", "pods stay"]
)
def test_the_namespace_is_changed_only_if_pods_outlived_its_deletion(
    reads: int,
    touched: bool,  # noqa: FBT001 - a parameter
) -> None:
    server = Slow(reads)
    uids = {
        key: server.objects[path]["metadata"]["uid"]
        for key, path in zip((SPACE, WEB), PATHS, strict=True)
    }

    namespaces.delete(api(server), {WEB: uids[WEB]}, {SPACE: uids[SPACE]}, Progress(None))

    assert server.writes == [
        f"delete {PATHS[1]}",
        f"delete {PATHS[0]}",
        *([f"touch {PATHS[0]}"] if touched else []),
    ]
