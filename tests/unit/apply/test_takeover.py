"""kubia.apply.takeover: an object becomes ours alone, once, and what goes is shown before."""

from typing import Any

import pytest

from kubia.apply import plan, text
from kubia.apply.errors import RefusedError
from tests.unit.apiserver import Server
from tests.unit.applying import SPACE, WEB, api, desired, shop, up

OLD = "kubectl-client-side-apply"
BODY: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"image": "a", "replicas": 1, "selector": {}, "paused": False, "old": "yes"},
}


def with_strangers_deployment() -> Server:
    """Return a server with the stack, whose Deployment somebody else has made."""
    server = Server()
    up(server, shop())
    del server.objects[WEB]
    apply = "application/apply-patch+yaml"
    server.request("PATCH", WEB, {"fieldManager": OLD}, BODY, apply)
    return server


def test_what_goes_is_shown_and_nothing_is_written_before() -> None:
    server = with_strangers_deployment()
    server.writes.clear()
    with pytest.raises(RefusedError):
        plan.make(api(server), desired(shop()))

    planned = plan.make(api(server), desired(shop()), force=True)

    lines = list(text.changes(planned))
    assert lines[0] == "  ~ Deployment shop/web (taken over: what others set goes)"
    assert "      - spec.old: yes" in [line.replace("'", "") for line in lines]
    assert server.writes == []


def test_once_taken_over_it_needs_no_force_again() -> None:
    server = with_strangers_deployment()

    up(server, shop(), force=True)

    live = server.objects[WEB]
    assert "old" not in live["spec"]
    assert [entry["manager"] for entry in live["metadata"]["managedFields"]] == ["kubia"]
    up(server, shop(image="b", replicas=3))
    assert server.objects[WEB]["spec"]["image"] == "b"


def test_without_a_takeover_the_other_manager_would_be_in_the_way_for_ever() -> None:
    server = with_strangers_deployment()
    declared = desired(shop())
    (web,) = [item for item in declared.manifests if item.key.name == "web"]
    api(server).apply(declared.applied(web), force=True)

    assert server.objects[WEB]["spec"]["old"] == "yes"


def test_a_field_that_somebody_else_manages_is_taken_over_with_all_of_the_object() -> None:
    server = Server()
    up(server, shop())
    apply = "application/apply-patch+yaml"
    thief = {**BODY, "spec": {"image": "evil", "old": "yes"}}
    server.request("PATCH", WEB, {"fieldManager": "thief", "force": "true"}, thief, apply)
    with pytest.raises(RefusedError):
        plan.make(api(server), desired(shop()))

    up(server, shop(), force=True)

    assert server.objects[WEB]["spec"]["image"] == "a"
    assert "old" not in server.objects[WEB]["spec"]


def test_a_namespace_is_never_taken_over() -> None:
    server = Server()
    server.put("v1", "Namespace", SPACE, {"name": "shop"})

    with pytest.raises(RefusedError) as caught:
        plan.make(api(server), desired(shop()), force=True)

    assert str(caught.value) == (
        "nothing was changed:\n"
        "  Namespace shop exists and was not made by this stack, so it is not taken over: use "
        "another one, or declare none and only what goes into it (`createNamespace: false`)."
    )


@pytest.mark.parametrize(
    ("writer", "forced", "joined"),
    [("kubia", True, True), ("pulumi-kubernetes", False, True), ("kubectl", False, False)],
)
def test_of_namespaces_only_one_that_pulumi_made_is_taken(
    writer: str, *, forced: bool, joined: bool
) -> None:
    server = Server()
    apply = "application/apply-patch+yaml"
    metadata = {"name": "shop", "labels": {"app": "web"}}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    server.request("PATCH", SPACE, {"fieldManager": writer}, body, apply)

    def is_taken(**how: bool) -> bool:
        try:
            plan.make(api(server), desired(shop()), **how)
        except RefusedError as error:
            assert "so it is not taken over" in str(error)  # noqa: PT017 - one of the two
            return False
        return True

    assert is_taken(force=True) == forced
    assert is_taken(joining=True) == joined
