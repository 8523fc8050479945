"""The rooms, and which of them import which: read from the source, never written down."""

import ast
import importlib.util
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import grimp

PACKAGES = ("kubia", "components", "stacks")
SPLIT = "kubia"
"""The package that is a house of rooms; any other is one room."""

Arrow = tuple[str, str]
"""A room and one that it imports."""


@dataclass(frozen=True)
class House:
    """Rooms by path (`kubia/cli/`), each with its docstring's first line, and how they import.

    `arrows` count the imports. `up` are those of them that run up: without them there is no circle,
    and every room stands above all that it imports.
    """

    texts: Mapping[str, str]
    arrows: Mapping[Arrow, int]
    up: frozenset[Arrow]

    @property
    def down(self) -> list[Arrow]:
        """The arrows that do not run up."""
        return sorted(self.arrows.keys() - self.up)

    @property
    def drawn(self) -> list[Arrow]:
        """The arrows down that no longer way down implies."""
        reached = reach(self.texts, self.down)
        return [
            (room, other)
            for room, other in self.down
            if not any(other in reached[via] for start, via in self.down if start == room)
        ]

    @property
    def floors(self) -> dict[str, int]:
        """The floor of each room: 0, or one above the highest room that it imports."""
        below = {room: {end for start, end in self.down if start == room} for room in self.texts}
        floors: dict[str, int] = {}
        for room in TopologicalSorter(below).static_order():
            floors[room] = max((floors[other] + 1 for other in below[room]), default=0)
        return floors

    @property
    def circles(self) -> set[frozenset[str]]:
        """The sets of rooms of which each reaches every other."""
        reached = reach(self.texts, self.arrows)
        return {
            frozenset(other for other in reached[room] if room in reached[other])
            for room in self.texts
            if room in reached[room]
        }

    def counts(self) -> dict[str, int]:
        """Return the measures of the house by name."""
        return {
            "rooms": len(self.texts),
            "floors": max(self.floors.values(), default=-1) + 1,
            "arrows": len(self.arrows),
            "arrows up": len(self.up),
            "circles": len(self.circles),
        }


def house(texts: Mapping[str, str], arrows: Mapping[Arrow, int]) -> House:
    """Return the house; of each circle, the arrow with the fewest imports is taken to run up."""
    down = dict(arrows)
    while circle := list(_circle(down)):
        del down[min(circle, key=lambda arrow: (down[arrow], arrow))]
    for arrow in sorted(arrows.keys() - down.keys()):
        if not any(_circle({*down, arrow})):  # another one opened its circle, too
            down[arrow] = arrows[arrow]
    return House(texts, arrows, frozenset(arrows.keys() - down.keys()))


def read(root: Path) -> House:
    """Return the house whose source is in the folder `root`, which is on the module path.

    Raises:
        SystemExit: Python would take a package from somewhere else.

    """
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin != str(root.resolve() / package / "__init__.py"):
            message = f"{package} is not that of {root}: run this in the project's own folder."
            raise SystemExit(message)
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    rooms = {module: _room(root, module) for module in graph.modules - {SPLIT}}
    arrows = Counter(
        (rooms[module], rooms[other])
        for module in rooms
        for other in graph.find_modules_directly_imported_by(module) - {SPLIT}
        if rooms[module] != rooms[other]
    )
    return house({room: _text(root / room) for room in sorted(set(rooms.values()))}, arrows)


def reach(rooms: Collection[str], arrows: Collection[Arrow]) -> dict[str, set[str]]:
    """Return which rooms each room can be followed to along the arrows."""
    reached = {room: {end for start, end in arrows if start == room} for room in rooms}
    for via in rooms:
        for ends in reached.values():
            if via in ends:
                ends.update(reached[via])
    return reached


def _circle(arrows: Collection[Arrow]) -> Iterator[Arrow]:
    """Return the arrows of some circle, none if there is no circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for room, other in sorted(arrows):
        sorter.add(room, other)
    try:
        sorter.prepare()
    except CycleError as error:
        yield from ((room, other) for other, room in pairwise(error.args[1]))


def _room(root: Path, module: str) -> str:
    package, *inside = module.split(".")
    path = Path(package, *inside[:1]) if package == SPLIT else Path(package)
    return f"{path}/" if (root / path).is_dir() else f"{path}.py"


def _text(path: Path) -> str:
    file = path / "__init__.py" if path.is_dir() else path
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]
