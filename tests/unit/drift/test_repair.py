"""kubia.drift.repair: what was added is taken away."""

from typing import Any

from kubia.console import Progress
from kubia.drift.model import Drifted, Finding
from kubia.drift.repair import repair
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import WEB, api, shop, up

DEPLOYMENT = ObjectRef("apps", "Deployment", "shop", "web")


def test_added_fields_are_removed_from_the_last_to_the_first() -> None:
    sent: list[Any] = []

    class Recording(Server):
        def request(self, *asked: Any, **more: Any) -> Any:
            if asked[-1] == "application/json-patch+json":
                sent.append(asked[3])
                return {}
            return super().request(*asked, **more)

    server = Recording()
    up(server, shop())
    live = server.objects[WEB]
    live["metadata"]["resourceVersion"] = "7"
    findings = tuple(
        Finding("added", path="x", steps=steps)
        for steps in (("spec", "a", 0), ("spec", "a", 1), ("spec", "b/c"))
    )
    drifted = Drifted(DEPLOYMENT, findings, live, live)

    repair(api(server), [drifted], Progress(None))

    assert sent == [
        [
            {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
            {"op": "remove", "path": "/spec/a/1"},
            {"op": "remove", "path": "/spec/a/0"},
            {"op": "remove", "path": "/spec/b~1c"},
        ]
    ]
