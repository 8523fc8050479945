"""kubia.project.yamledit: what differs is edited, comments and the rest stay."""

from pathlib import Path
from typing import Any

import pytest

from kubia.project import stackfile, yamledit


def edit(tmp_path: Path, old: str, content: Any) -> str:
    file = tmp_path / "x.yaml"
    file.write_text(old)
    return yamledit.edited(file, content)


def test_only_what_differs_is_edited(tmp_path: Path) -> None:
    old = (
        "# top\na: {b: 1, c: 'x'}  # flow\nlist: [kubia, \"kubia-*\"]\nd:\n  e: 1  # one\n  f: 2\n"
    )
    content = {"a": {"b": 2, "c": "x"}, "list": ["kubia", "kubia-*"], "d": {"e": 1}}

    assert edit(tmp_path, old, content) == (
        "# top\na: {b: 2, c: 'x'}  # flow\nlist: [kubia, \"kubia-*\"]\nd:\n  e: 1  # one\n"
    )


@pytest.mark.parametrize("text", ["yes", "1", "1e3", "null", "012", "2026-01-31", "a: b", "@x", ""])
def test_text_stays_text(text: str, tmp_path: Path) -> None:
    new = edit(tmp_path, "a: b\n", {"a": text})

    assert stackfile.parsed(new, tmp_path) == {"a": text}
