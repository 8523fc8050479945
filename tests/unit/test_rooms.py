"""docs/design.md says what is so: its picture, its table of rooms, and every name in it."""

import ast
import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tools import house, rooms, rooms_svg
from tools.house import Arrow

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/design.md").read_text(encoding="utf-8")
PATH = re.compile(r"[\w./-]+(/|\.(go|md|py|toml|yaml))")
NAME = re.compile(r"\w+(\.\w+)+")
ARROWS = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(lambda a: a[0] != a[1]),
    st.integers(1, 9),
)


def code(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def table() -> dict[str, str]:
    """Return what each room of the page's table may know, from top to bottom."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return {code(room)[0]: known for room, _, known in (row for row in rows if len(row) == 3)}


def is_defined(name: str, tree: ast.AST) -> bool:
    """Return whether a module, or a class in it, defines a function or a class."""
    first, _, rest = name.partition(".")
    bodies = [
        node
        for node in ast.iter_child_nodes(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == first
    ]
    return any(not rest or is_defined(rest, node) for node in bodies)


def test_the_picture_is_drawn_from_todays_imports() -> None:
    drawn = rooms_svg.draw(house.read(ROOT))
    committed = (ROOT / rooms.FILE).read_text(encoding="utf-8")
    assert drawn == committed, f"{rooms.FILE} is out of date: run `make rooms`"


def test_the_page_has_a_row_for_each_room_and_no_other() -> None:
    beside = {"__main__.py", "plugin/", "tests/"}
    assert table().keys() - beside == house.read(ROOT).texts.keys()


def test_a_room_knows_no_more_than_its_row_allows() -> None:
    rows = table()
    order = list(rows)
    short = {Path(room).stem: room for room in order}
    excess = []
    for room, other in house.read(ROOT).down:
        below = order[order.index(room) + 1 :]
        known = below if rows[room] == "all below" else [short[name] for name in code(rows[room])]
        excess += [] if other in known else [f"{room} knows {other}"]
    assert excess == []


def test_every_file_and_folder_that_the_page_names_exists() -> None:
    named = [text for text in code(PAGE) if PATH.fullmatch(text)]
    assert len(named) > 40
    assert [text for text in named if not (ROOT / text).exists()] == []


def test_every_function_that_the_page_names_is_in_the_file_named_beside_it() -> None:
    missing = []
    names = 0
    for line in PAGE.splitlines():
        files = {Path(text).stem: ROOT / text for text in code(line) if text.endswith(".py")}
        for text in code(line):
            if PATH.fullmatch(text) or not NAME.fullmatch(text):
                continue
            names += 1
            module, _, name = text.partition(".")
            if module not in files or not is_defined(name, ast.parse(files[module].read_text())):
                missing.append(text)
    assert names > 20
    assert missing == []


@settings(deadline=None)
@given(ARROWS)
def test_every_arrow_goes_a_floor_down_or_is_shown_to_run_up(arrows: dict[Arrow, int]) -> None:
    built = house.house(dict.fromkeys("abcdef", ""), arrows)
    floors = built.floors
    assert all(floors[room] > floors[other] for room, other in built.down)
    assert all(floors[room] < floors[other] for room, other in built.up)
    assert bool(built.up) == bool(built.circles)


@settings(deadline=None)
@given(ARROWS)
def test_an_arrow_that_is_left_out_is_implied(arrows: dict[Arrow, int]) -> None:
    texts = dict.fromkeys("abcdef", "")
    built = house.house(texts, arrows)
    assert house.reach(texts, built.drawn) == house.reach(texts, built.down)


@settings(max_examples=25, deadline=None)
@given(ARROWS)
def test_every_arrow_that_runs_up_is_drawn_red(arrows: dict[Arrow, int]) -> None:
    built = house.house(dict.fromkeys("abcdef", ""), arrows)
    drawn = rooms_svg.draw(built)
    assert drawn.count('marker-start="url(#up-head)"') == len(built.up)
    assert drawn.count('class="room beside circle"') == len({r for c in built.circles for r in c})


def test_of_a_circle_the_arrow_with_the_fewest_imports_runs_up() -> None:
    built = house.house({"a": "", "b": "", "c": ""}, {("a", "b"): 3, ("b", "a"): 1, ("b", "c"): 1})
    assert built.up == {("b", "a")}
    assert built.floors == {"a": 2, "b": 1, "c": 0}
    assert built.circles == {frozenset("ab")}


def test_another_folders_house_is_not_measured_by_mistake(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        house.read(tmp_path)
    assert str(caught.value) == (
        f"kubia is not that of {tmp_path}: run this in the project's own folder."
    )
