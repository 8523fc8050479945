"""kubia.drift.repair: what was added is taken away, and what is others' stays."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.apply.connection import ApiError
from kubia.console import Progress
from kubia.drift import detect
from kubia.drift.repair import repair
from kubia.errors import KubiaError
from kubia.manifests.meta import RETAIN
from tests.unit.apiserver import Server
from tests.unit.applying import AT_ONCE, MAPS, SPACE, WEB, Main, api, desired, shop, up

APPLY = "application/apply-patch+yaml"
DATA = f"{SPACE}/persistentvolumeclaims/data"


class Strict(Server):
    """A server on which claims and pods cannot change, as on a real one."""

    def _stored(self, verb: str, path: str, query: Any, result: dict[str, Any]) -> Any:
        live = self.objects.get(path)
        is_fixed = result["kind"] in {"PersistentVolumeClaim", "Pod"}
        if live and is_fixed and live["spec"] != result["spec"]:
            raise ApiError(422, {"message": "spec is immutable after creation"})
        return super()._stored(verb, path, query, result)


def kept(
    *,
    storage: str = "slow",
    app: str = "web",
    image: str = "a",
    protect: bool = False,
    retain: bool = False,
) -> Main:
    """Return a program with a claim, a Deployment, a bare pod, and content, all immutable."""

    def main() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        own: Any = {"name": "data", "namespace": "shop"}
        claim: Any = {"storageClassName": storage}
        k8s.core.v1.PersistentVolumeClaim("data", metadata=own, spec=claim)
        labels = {"app": app}
        box: Any = {"name": "web", "image": image}
        spec: Any = {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [box]}},
        }
        opts = pulumi.ResourceOptions(protect=protect)
        metadata: Any = {"name": "web", "namespace": "shop"}
        k8s.apps.v1.Deployment("web", metadata=metadata, spec=spec)
        bare: Any = {"containers": [box]}
        k8s.core.v1.Pod("bare", metadata={"name": "bare", "namespace": "shop"}, spec=bare)
        page: Any = {"name": "page", "namespace": "shop", "annotations": RETAIN if retain else {}}
        k8s.core.v1.ConfigMap("page", metadata=page, data={"a": image}, immutable=True, opts=opts)

    return main


def repaired(server: Server, main: Main) -> str:
    """Repair what differs from the program; return what is said to be left."""
    drifted = detect.find(api(server), desired(main))
    server.writes.clear()
    try:
        repair(api(server), drifted, Progress(None), timing=AT_ONCE)
    except KubiaError as error:
        return str(error)
    return ""


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


def test_nothing_is_deleted_to_be_made_again_that_is_more_than_its_declaration() -> None:
    server = Strict()
    up(server, kept())

    said = repaired(server, kept(storage="fast", app="other"))

    assert said == (
        "not repaired: PersistentVolumeClaim shop/data can only be deleted and made again (spec is "
        "immutable after creation), and holds data: declare what is live, or rename it; Deployment "
        "shop/web can only be deleted and made again (spec.selector.matchLabels: field is "
        "immutable), and may be in use: declare what is live, rename it, or delete it yourself and "
        "run `kubia up`."
    )
    assert server.writes == []


def test_all_else_is_repaired_and_bare_pods_and_content_are_made_anew() -> None:
    server = Strict()
    up(server, kept())

    said = repaired(server, kept(storage="fast", image="b"))

    assert said.startswith("not repaired: PersistentVolumeClaim shop/data can only be")
    assert ";" not in said
    assert server.objects[DATA]["spec"] == {"storageClassName": "slow"}
    assert server.objects[f"{SPACE}/pods/bare"]["spec"]["containers"][0]["image"] == "b"
    assert server.objects[f"{MAPS}/page"]["data"] == {"a": "b"}


@pytest.mark.parametrize(
    ("how", "what"),
    [({"protect": True}, "is protected"), ({"retain": True}, "holds data")],
)
def test_what_is_protected_or_retained_is_not_even_then(how: dict[str, bool], what: str) -> None:
    server = Strict()
    up(server, kept(**how))  # type: ignore[arg-type]  # flags alone

    said = repaired(server, kept(image="b", **how))  # type: ignore[arg-type]

    assert said == (
        "not repaired: ConfigMap shop/page can only be deleted and made again (data: field is "
        f"immutable), and {what}: declare what is live, or rename it."
    )
    assert server.objects[f"{MAPS}/page"]["data"] == {"a": "a"}


def test_of_a_strangers_object_nothing_is_said_that_no_repair_would_touch() -> None:
    server = Server()
    up(server, kept())
    metadata = {"name": "fake", "namespace": "shop", "deletionTimestamp": "now"}
    metadata["labels"] = server.objects[WEB]["metadata"]["labels"]
    server.put("v1", "Secret", f"{SPACE}/secrets/fake", metadata)

    (drifted,) = detect.find(api(server), desired(kept()))

    assert drifted.key.name == "fake"
    assert repaired(server, kept()) == ""
    assert server.writes == []
