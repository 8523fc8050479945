"""kubia.apply.ignored: fields that a program leaves to others once they are there."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.actions import render
from kubia.apply import ignored, plan
from kubia.console import Progress
from kubia.drift import detect
from kubia.drift.repair import repair
from kubia.errors import InvalidError
from kubia.program import run
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import MAPS, Main, api, desired, up


def shop(value: str, *fields: str) -> Main:
    """Return a program with a ConfigMap that leaves fields to others."""

    def main() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        own: Any = {"name": "x", "namespace": "shop"}
        opts = pulumi.ResourceOptions(ignore_changes=[*fields])
        k8s.core.v1.ConfigMap("x", metadata=own, data={"a": value, "b.c": value}, opts=opts)

    return main


def data(server: Server) -> dict[str, str]:
    live: dict[str, str] = server.objects[f"{MAPS}/x"]["data"]
    return live


def test_a_field_that_is_ignored_is_made_as_declared_and_stays_as_it_is() -> None:
    server = Server()
    up(server, shop("old", "data.a"))
    assert data(server)["a"] == "old"

    up(server, shop("new", "data.a"))

    assert data(server) == {"a": "old", "b.c": "new"}


def test_a_name_with_dots_is_quoted() -> None:
    server = Server()
    up(server, shop("old", 'data["b.c"]'))

    up(server, shop("new", 'data["b.c"]'))

    assert data(server) == {"a": "new", "b.c": "old"}


def test_what_somebody_else_has_set_stays_theirs() -> None:
    server = Server()
    up(server, shop("old", "data.a"))
    live = server.objects[f"{MAPS}/x"]
    theirs = {"data": {"a": "theirs"}}
    server.objects[f"{MAPS}/x"] = applied.apply(live, theirs, "somebody", force=True)

    up(server, shop("new", "data.a"))

    assert data(server) == {"a": "theirs", "b.c": "new"}
    assert plan.make(api(server), desired(shop("new", "data.a"))).is_empty


@pytest.mark.parametrize("gone", [False, True])
def test_what_is_ignored_is_no_drift_and_stays_when_all_else_is_put_back(
    gone: bool,  # noqa: FBT001 - a parameter
) -> None:
    server = Server()
    up(server, shop("old", "data.a"))
    live = server.objects[f"{MAPS}/x"]
    theirs = {"data": {"a": "theirs", "b.c": "theirs"}}
    server.objects[f"{MAPS}/x"] = applied.apply(live, theirs, "somebody", force=True)
    if gone:
        del server.objects[f"{MAPS}/x"]["data"]["a"]
    expected = desired(shop("old", "data.a"))

    (drifted,) = detect.find(api(server), expected)
    assert [finding.path for finding in drifted.counted] == ['data["b.c"]']
    repair(api(server), [drifted], Progress(None))

    assert data(server) == {**({} if gone else {"a": "theirs"}), "b.c": "old"}
    assert detect.find(api(server), expected) == []


def test_what_is_ignored_stays_when_the_object_is_taken_over() -> None:
    server = Server()
    up(server, shop("old", "data.a"))
    live = server.objects[f"{MAPS}/x"]
    theirs = {"data": {"a": "theirs", "b.c": "theirs", "d": "theirs"}}
    server.objects[f"{MAPS}/x"] = applied.apply(live, theirs, "somebody", force=True)

    up(server, shop("new", "data.a"), force=True)

    assert data(server) == {"a": "theirs", "b.c": "new"}


def test_an_item_of_a_list_cannot_be_ignored() -> None:
    with pytest.raises(InvalidError) as caught:
        run.run(shop("new", "data.list[0].name"), "kubia", "dev")

    assert str(caught.value) == (
        "resource 'x' (kubernetes:core/v1:ConfigMap) ignores changes of an item of a list "
        "(data.list[0].name): only the pulumi engine can do this (--engine pulumi)."
    )


def test_what_is_left_to_others_is_not_rendered() -> None:
    (manifest,) = (m for m in desired(shop("new", "data.a")).manifests if m.key.name == "x")

    text = render.text([ignored.left_out(manifest)])

    assert "b.c: new" in text
    assert "a: new" not in text
