"""kubia.apply.diff: what differs, and what of it is shown."""

from typing import Any

from kubia.apply.diff import Field, changes
from kubia.errors import MASK


def web(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, **spec}


def test_what_the_server_keeps_is_no_difference() -> None:
    old = {**web(), "metadata": {"name": "web", "generation": 1, "managedFields": []}}

    assert changes({**old, "status": {"replicas": 1}}, web()) == ()


def test_fields_are_named_by_path_added_changed_or_removed() -> None:
    fields = changes(web(spec={"replicas": 1, "paused": True}), web(spec={"replicas": 2, "x": 0}))

    assert fields == (
        Field("spec.paused", old=True, new=None),
        Field("spec.replicas", 1, 2),
        Field("spec.x", None, 0),
    )
    assert [field.sign for field in fields] == ["-", "~", "+"]


def test_items_are_named_and_recognised_when_they_move() -> None:
    old = web(c=[{"name": "a", "image": "x"}, {"name": "b", "image": "x"}])
    new = web(c=[{"name": "b", "image": "y"}, {"name": "a", "image": "x"}, {"name": "d.e"}])

    assert changes(old, new) == (
        Field("c[b].image", "x", "y"),
        Field("c[d.e]", None, {"name": "d.e"}),
    )


def test_items_without_names_are_named_by_index() -> None:
    assert changes(web(args=["a", "b"]), web(args=["a"])) == (Field("args[1]", "b", None),)


def test_keys_with_dots_are_quoted() -> None:
    assert changes(web(), web(labels={"a.b/c": "d"})) == (Field("labels", None, {"a.b/c": "d"}),)
    assert changes(web(labels={"a.b/c": "e"}), web(labels={"a.b/c": "d"})) == (
        Field('labels["a.b/c"]', "e", "d"),
    )


def test_data_of_secrets_is_masked_but_seen_to_change() -> None:
    old = {"kind": "Secret", "data": {"word": "b2xk", "same": "eA=="}}
    new = {"kind": "Secret", "data": {"word": "bmV3", "same": "eA==", "more": "eQ=="}}

    assert changes(old, new) == (Field("data.more", None, MASK), Field("data.word", MASK, MASK))


def test_secret_paths_are_masked_with_all_below_them() -> None:
    env = [{"name": "PASSWORD", "value": "new"}, {"name": "PLAIN", "value": "new"}]
    old = web(env=[{"name": "PASSWORD", "value": "old"}, {"name": "PLAIN", "value": "old"}])

    assert changes(old, web(env=env), (("env", 0, "value"),)) == (
        Field("env[PASSWORD].value", MASK, MASK),
        Field("env[PLAIN].value", "old", "new"),
    )
    assert changes(web(), web(env=env), (("env",),)) == (Field("env", None, MASK),)
