"""Where the rooms stand on their floors and where arrows pass between them, so that few cross.

An arrow that goes down several floors gets a point on each that it passes, which has a place there
as rooms have; so every line leads from one floor to the next. Arrows to one room share points.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from tools.house import House

SWEEPS = 40
"""How often each floor is put in order by its neighbours; the best order of all is taken."""
ROUNDS = 60
"""How often each place is then moved to the middle of those that it has lines to."""


class Line(NamedTuple):
    """A line from a place to one on the next floor below; what is `up` is read from its end."""

    start: str
    end: str
    up: bool = False

    @property
    def kind(self) -> str:
        """`up` or `down`."""
        return "up" if self.up else "down"


class Layout(NamedTuple):
    """Floors, the lowest first, with their places from left to right; the x of each; all lines."""

    floors: Sequence[Sequence[str]]
    xs: Mapping[str, float]
    lines: Sequence[Line]


def lay_out(house: House, *, room: float, point: float) -> Layout:
    """Return the layout of what is drawn; a room and a point are so wide, with the gap beside."""
    levels = house.floors
    ways = [(_way(end, start, levels), True) for start, end in sorted(house.up)]
    ways += [(_way(start, end, levels), False) for start, end in house.drawn]
    places = dict(levels)
    for way, _ in ways:
        places.update((place, levels[way[0]] - passed) for passed, place in enumerate(way))
    lines = sorted({Line(*pair, up) for way, up in ways for pair in pairwise(way)})
    floors = [
        sorted(place for place, level in places.items() if level == number)
        for number in range(max(levels.values(), default=-1) + 1)
    ]
    floors = min(_orders(floors, lines), key=lambda order: _crossings(order, lines))
    widths = {place: room if place in levels else point for place in places}
    return Layout(floors, _xs(floors, lines, widths), lines)


def _way(start: str, end: str, levels: Mapping[str, int]) -> list[str]:
    passed = range(levels[start] - 1, levels[end], -1)
    return [start, *(f"{end} {level}" for level in passed), end]


def _orders(floors: list[list[str]], lines: Sequence[Line]) -> Iterator[list[list[str]]]:
    """Return ever other orders: floor by floor, up and down, each by the middle of its lines."""
    order = floors
    for sweep in range(SWEEPS):
        upward = sweep % 2 == 0
        for number in range(len(order)) if upward else reversed(range(len(order))):
            fixed = {place: float(x) for floor in order for x, place in enumerate(floor)}
            middles = _middles(lines, fixed, below=upward)
            placed = sorted(order[number], key=lambda place: middles.get(place, fixed[place]))
            order = [*order[:number], placed, *order[number + 1 :]]
        yield order


def _middles(
    lines: Iterable[Line], xs: Mapping[str, float], *, below: bool | None = None
) -> dict[str, float]:
    """Return the mean x of what each place has lines to: `below` or above it, or (None) both."""
    ends: dict[str, list[float]] = {}
    for start, end, _ in lines:
        if below is not False:
            ends.setdefault(start, []).append(xs[end])
        if below is not True:
            ends.setdefault(end, []).append(xs[start])
    return {place: sum(values) / len(values) for place, values in ends.items()}


def _crossings(order: Sequence[Sequence[str]], lines: Sequence[Line]) -> int:
    index = {place: number for floor in order for number, place in enumerate(floor)}
    level = {place: number for number, floor in enumerate(order) for place in floor}
    return sum(
        (index[one.start] - index[two.start]) * (index[one.end] - index[two.end]) < 0
        for one, two in combinations(lines, 2)
        if level[one.start] == level[two.start]
    )


def _xs(
    order: Sequence[Sequence[str]], lines: Sequence[Line], widths: Mapping[str, float]
) -> dict[str, float]:
    xs = {place: 0.0 for floor in order for place in floor}
    for _ in range(ROUNDS):
        for floor in order:
            middles = _middles(lines, xs)
            xs.update(_apart({place: middles.get(place, xs[place]) for place in floor}, widths))
    return xs


def _apart(ideal: Mapping[str, float], widths: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Return the x of each place near its `ideal`, in the same order, with none overlapping."""
    places, xs = list(ideal), list(ideal.values())
    gaps = [(widths[one] + widths[two]) / 2 for one, two in pairwise(places)]
    right = _pushed(xs, gaps)
    left = [-x for x in reversed(_pushed([-x for x in reversed(xs)], gaps[::-1]))]
    for place, *both in zip(places, right, left, strict=True):
        yield place, sum(both) / 2


def _pushed(xs: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the xs, each moved right as far as it must for the gap after the one before."""
    pushed = [*xs[:1]]
    for x, gap in zip(xs[1:], gaps, strict=True):
        pushed.append(max(x, pushed[-1] + gap))
    return pushed
