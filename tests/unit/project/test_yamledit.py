"""kubia.project.yamledit: only the lines that must differ, and nothing that was not meant."""

import copy
import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubia import yaml12
from kubia.errors import KubiaError
from kubia.project import stackfile, yamledit

Change = Callable[[Any], Any]
STACK = (
    "\ufeff# top\r\nconfig:\r\n  web: # w\r\n    image: a:1 # the image\r\n    strategy:\r\n"
    "      type: Canary\r\n      canaryImage: a:2 # canary\r\n\r\n  # after\r\n"
    "  page: |\r\n    x\r\n    y\r\n  list: [1,2]   # odd\r\n"
)
MERGED = "b: &b\n  image: v1\n  s: {paused: true}\nc:\n  <<: *b\n  x: 1 # one\nd: *b\ne: 1\n"


def edit(tmp_path: Path, old: str, change: Change) -> str:
    """Return the text after the change of its content."""
    file = tmp_path / "x.yaml"
    file.write_bytes(old.encode())
    content = copy.deepcopy(stackfile.parsed(old, file))
    change(content)
    new = yamledit.edited(file, content)
    assert stackfile.parsed(new, file) == content
    return new


def lines(old: str, new: str) -> list[str]:
    """Return the lines that differ."""
    diff = list(difflib.unified_diff(old.split("\n"), new.split("\n"), n=0, lineterm=""))
    return [line for line in diff[2:] if not line.startswith("@@")]


CASES: dict[str, tuple[str, Change, list[str]]] = {
    "promote": (
        STACK,
        lambda it: (
            it["config"]["web"].update(image="a:2"),
            it["config"]["web"]["strategy"].pop("canaryImage"),
        ),
        [
            "-    image: a:1 # the image\r",
            "+    image: a:2 # the image\r",
            "-      canaryImage: a:2 # canary\r",
        ],
    ),
    "pause": (
        STACK,
        lambda it: it["config"]["web"]["strategy"].update(paused=True),
        ["+      paused: true\r"],
    ),
    "pause without a strategy": (
        "web:\n  image: x",
        lambda it: it["web"].update(strategy={"paused": True}),
        ["+  strategy:", "+    paused: true"],
    ),
    "pause in one line": (
        "web: {image: x,} # w\n",
        lambda it: it["web"].update(strategy={"paused": True}),
        ["-web: {image: x,} # w", "+web: {image: x, strategy: {paused: true},} # w"],
    ),
    "resume": (
        "web:\n  strategy:\n    paused: true\n",
        lambda it: it["web"]["strategy"].clear(),
        ["-  strategy:", "-    paused: true", "+  strategy: {}"],
    ),
    "resume below a comment": (
        "web:\n  strategy: # s\n    # why\n    paused: true # c\n    # end\n  x: 1\n",
        lambda it: it["web"]["strategy"].clear(),
        ["-  strategy: # s", "+  strategy: {} # s", "-    paused: true # c"],
    ),
    "resume with a comment of its own": (
        "s:\r\n  paused: true # c",
        lambda it: it["s"].clear(),
        ["-s:\r", "-  paused: true # c", "+s: {}\r", "+"],
    ),
    "resume in several lines between braces": (
        "s: {\n  type: RollingUpdate, # t\n  paused: true, # p\n}\n",
        lambda it: it["s"].pop("paused"),
        ["-  paused: true, # p"],
    ),
    "resume of all between braces": (
        "s: {\r\n  # why\r\n  paused: true # p\r\n} # s\r\n",
        lambda it: it["s"].clear(),
        ["-  paused: true # p\r"],
    ),
    "resume before a brace": (
        "s: {type: RollingUpdate, # t\n  paused: true}\n",
        lambda it: it["s"].pop("paused"),
        ["-  paused: true}", "+  }"],
    ),
    "resume after a brace": (
        "s: {paused: true, # p\n  # t\n  type: RollingUpdate}\n",
        lambda it: it["s"].pop("paused"),
        ["-s: {paused: true, # p", "-  # t", "+s: {  # t"],
    ),
    "resume after a brace and before another line": (
        "s: {paused: true, # p\n  type: RollingUpdate}\n",
        lambda it: it["s"].pop("paused"),
        ["-s: {paused: true, # p", "-  type: RollingUpdate}", "+s: {type: RollingUpdate}"],
    ),
    "a text of several lines": (
        STACK,
        lambda it: it["config"].update(page="x\nz\n"),
        ["-    y\r", "+    z\r"],
    ),
    "a block becomes a word": (
        STACK,
        lambda it: it["config"].update(page="no"),
        ["-  page: |\r", "-    x\r", "-    y\r", "+  page: 'no'\r"],
    ),
    "a list": (
        STACK,
        lambda it: it["config"].update(list=[3]),
        ["-  list: [1,2]   # odd\r", "+  list: [3]   # odd\r"],
    ),
    "ends of maps in each other": (
        "s:\n  b:\n    y: 2\n",
        lambda it: (it["s"]["b"].update(z=3), it["s"].update(c=4), it.update(t=5)),
        ["+    z: 3", "+  c: 4", "+t: 5"],
    ),
    "a merged value": (MERGED, lambda it: it["c"].update(image="v2"), ["+  image: v2"]),
    "an empty file": ("# none\n", lambda it: it.update(a={"b": "1e3"}), ["+a:", "+  b: '1e3'"]),
}


@pytest.mark.parametrize(("old", "change", "differing"), CASES.values(), ids=CASES)
def test_only_the_lines_that_must_differ(
    old: str, change: Change, differing: list[str], tmp_path: Path
) -> None:
    assert lines(old, edit(tmp_path, old, change)) == differing


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["b"].update(image="v2"),
        lambda it: it["d"].update(image="v2"),
        lambda it: it["c"].pop("image"),
    ],
)
def test_what_stands_elsewhere_too_is_left_to_a_person(change: Change, tmp_path: Path) -> None:
    with pytest.raises(KubiaError) as caught:
        edit(tmp_path, MERGED, change)

    assert str(caught.value) == (
        f"{tmp_path}/x.yaml: cannot be edited so that it declares what it should: edit it by hand."
    )


def test_a_comment_that_would_go_with_a_comma_is_left_to_a_person(tmp_path: Path) -> None:
    with pytest.raises(KubiaError) as caught:
        edit(
            tmp_path,
            "s: { paused: true\n  # t\n  , type: RollingUpdate}\n",
            lambda it: it["s"].pop("paused"),
        )

    assert str(caught.value).endswith("edit it by hand.")


@pytest.mark.parametrize("text", ["yes", "1", "1e3", "null", "012", "2026-01-31", "a: b", "@x", ""])
def test_text_stays_text(text: str, tmp_path: Path) -> None:
    assert edit(tmp_path, "a: b\n", lambda it: it.update(a=text)).count("\n") == 1


keys = st.sampled_from(["a", "b", "no", "1", "x y"])
leaves = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
)
documents = st.dictionaries(keys, values, max_size=4)


@settings(max_examples=50)
@given(documents, documents, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_any_content_becomes_any_other(
    tmp_path_factory: pytest.TempPathFactory,
    old: dict[str, Any],
    new: dict[str, Any],
    flow: bool,  # noqa: FBT001 - drawn
    end: str,
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(yaml12.dump(old, flow=flow).replace("\n", end).encode())

    assert stackfile.parsed(yamledit.edited(file, new), file) == new


@given(st.integers(1, 4), st.data(), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_every_comment_of_what_stays_stays(
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    data: st.DataObject,
    flow: bool,  # noqa: FBT001 - drawn
    end: str,
) -> None:
    gone = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    comma = "," if flow else ""
    entries = "".join(f"  # above {n}\n  k{n}: {n}{comma} # of {n}\n" for n in range(count))
    text = f"s: {{ # s\n{entries}}} # s too\n" if flow else f"s: # s\n{entries}t: 1 # t\n"
    file = tmp_path_factory.getbasetemp() / "comments.yaml"
    file.write_bytes(text.replace("\n", end).encode())
    content = stackfile.read(file)
    content["s"] = {f"k{n}": n for n in range(count) if n not in gone}

    left = yamledit.edited(file, content)

    kept = [n for n in range(count) if n not in gone]
    lines = [line for line in left.split(end) if line and not line.startswith(("s:", "t:", "}"))]
    expected = [f"  # above {n}" for n in range(count)] + [
        f"  k{n}: {n}{comma} # of {n}" for n in kept
    ]
    assert sorted(lines) == sorted(expected)
    assert left.count("# s") == (2 if flow else 1)
