"""A preview shows how content changes where a new object takes the old one's place."""

from typing import Any

from kubia.apply import applyset, hashed_content, text
from kubia.apply.model import Change, DesiredState, Plan
from kubia.program.objects import ObjectRef

OLD = ObjectRef("", "ConfigMap", "shop", "hello-0123456789")
NEW = ObjectRef("", "ConfigMap", "shop", "hello-abcdef0123")


def shown(kind: str, new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    create = Change("create", NEW._replace(kind=kind), {"kind": kind, **new})
    gone = OLD._replace(kind=kind)
    paired = hashed_content.pair([create], {gone: {"kind": kind, **old}})
    desired = DesiredState("kubia", "dev", applyset.parent("kubia", "dev", "shop"), ())
    changes = (*paired, Change("delete", gone))
    return list(text.changes(Plan(desired, changes, (), ())))


def test_the_content_of_a_replaced_config_map_is_compared() -> None:
    old = {"data": {"index.html": "hello\nworld\n", "gone": "x"}}
    new = {"data": {"index.html": "hello\nmoon\n", "page": "y"}}

    assert shown("ConfigMap", new, old) == [
        "  + ConfigMap shop/hello-abcdef0123 (replaces hello-0123456789)",
        "      - data.gone: x",
        '      ~ data["index.html"]:',
        "           hello",
        "          -world",
        "          +moon",
        "      + data.page: y",
        "  - ConfigMap shop/hello-0123456789",
    ]


def test_a_long_diff_is_cut() -> None:
    new = {"data": {"a": "\n".join(map(str, range(50)))}}

    lines = shown("ConfigMap", new, {"data": {"a": "x" * 300 + "\n"}})

    assert lines[2] == f"          -{'x' * 199}… (301 characters)"
    assert lines[-2] == "          … 31 more lines"
    assert len(lines) == 24


def test_a_secrets_content_is_masked() -> None:
    lines = shown("Secret", {"stringData": {"A": "new", "B": "same"}}, {"data": {"B": "c2FtZQ=="}})

    assert lines[1:-1] == ["      + data.A: '[secret]'"]
    changed = shown("Secret", {"stringData": {"A": "new"}}, {"data": {"A": "b2xk"}})
    assert changed[1:-1] == ["      ~ data.A: [secret] changes"]


def test_another_name_is_another_object() -> None:
    other = Change("create", NEW._replace(name="hello"), {"kind": "ConfigMap"})

    assert hashed_content.pair([other], {OLD: {"kind": "ConfigMap"}}) == [other]
