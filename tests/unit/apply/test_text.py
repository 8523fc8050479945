"""kubia.apply.text: a plan in words, and as JSON for scripts."""

from typing import Any

import pytest

from kubia.apply import text
from kubia.apply.applyset import parent
from kubia.apply.diff import Field
from kubia.apply.model import Change, DesiredState, Plan
from kubia.errors import MASK
from kubia.program.objects import ObjectRef


def ref(name: str) -> ObjectRef:
    metadata = {"namespace": "shop", "name": name}
    return ObjectRef.of({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def plan(*changes: Change, kept: tuple[ObjectRef, ...] = ()) -> Plan:
    return Plan(DesiredState("shop", "dev", parent("shop", "dev", "shop"), ()), changes, kept, ())


def test_what_is_left_alone_is_only_counted() -> None:
    planned = plan(
        Change("create", ref("a")), Change("unchanged", ref("b")), Change("delete", ref("c"))
    )

    assert list(text.lines(planned)) == [
        "  + ConfigMap shop/a",
        "  - ConfigMap shop/c",
        "1 to be created, 1 to be deleted, 1 unchanged",
    ]
    assert text.summary(planned) == "1 created, 1 deleted, 1 unchanged"
    assert text.summary(plan()) == "nothing declared, nothing there"


def test_scripts_get_each_change_with_its_fields() -> None:
    update = Change("update", ref("a"), fields=(Field("data.x", "1", "2"),))

    assert text.as_json(plan(update, Change("unchanged", ref("b")), kept=(ref("z"),))) == {
        "stack": "dev",
        "changes": [
            {
                "action": "update",
                "group": "",
                "kind": "ConfigMap",
                "namespace": "shop",
                "name": "a",
                "replaces": None,
                "fields": [{"path": "data.x", "old": "1", "new": "2"}],
            }
        ],
        "kept": ["ConfigMap shop/z"],
        "unchanged": 1,
    }


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (None, {"b": [1]}, ["      + path: {b: [1]}"]),
        ("true", None, ["      - path: 'true'"]),
        ("1", 1, ["      ~ path: '1' → 1"]),
        (MASK, MASK, ["      ~ path: [secret] changes"]),
        (None, "x" * 300, [f"      + path: {'x' * 200}… (300 characters)"]),
        ("a\nb\n", "a\nc\n", ["      ~ path:", "           a", "          -b", "          +c"]),
    ],
)
def test_a_field_is_shown_as_yaml_writes_it_and_a_long_text_as_a_diff(
    old: Any, new: Any, lines: list[str]
) -> None:
    assert list(text.of_field(Field("path", old, new))) == lines
