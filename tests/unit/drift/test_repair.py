"""kubia.drift.repair: what was added is taken away, and what is others' stays."""

from typing import Any

from kubia.console import Progress
from kubia.drift import detect
from kubia.drift.repair import repair
from tests.unit.apiserver import Server
from tests.unit.applying import AT_ONCE, WEB, api, desired, shop, up

APPLY = "application/apply-patch+yaml"


def join(server: Server, manager: str, change: dict[str, Any]) -> None:
    """Apply a change to the Deployment as somebody else does."""
    metadata = {"name": "web", "namespace": "shop", **change.pop("metadata", {})}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, **change}
    server.request("PATCH", WEB, {"fieldManager": manager}, body, APPLY)


def test_what_others_added_goes_and_what_is_left_to_them_stays() -> None:
    server = Server()
    up(server, shop())
    join(server, "thief", {"spec": {"paused": True}})
    join(server, "noter", {"metadata": {"annotations": {"example.org/note": "mine"}}})
    declared = desired(shop())
    drifted = detect.find(api(server), declared)
    assert [item.findings[0].by for item in drifted] == ["by thief (Apply, no time is kept)"]

    repair(api(server), drifted, Progress(None), timing=AT_ONCE)

    live = server.objects[WEB]
    assert "paused" not in live["spec"]
    assert live["metadata"]["annotations"] == {"example.org/note": "mine"}
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} == {"kubia", "noter"}
    assert detect.find(api(server), declared) == []
    up(server, shop(image="b"))
    assert server.objects[WEB]["spec"]["image"] == "b"
