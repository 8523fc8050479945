"""Draws the rooms as boxes on floors, with lines down to what each imports."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from tools.house import SPLIT, House
from tools.rooms_layout import Line, lay_out

# In pixels.
WIDTH, HEIGHT = 150, 94
"""Of a room."""
GAP = 16
"""Between rooms, and above and below them on their floor."""
POINT = 20
"""Width that a line gets where it passes a floor."""
STOREY = 150
"""From one floor to the next."""
PORT = 22
"""Between the lines at one edge of a room, at most."""
ROW = 13
"""Height of a row of text."""

LEGEND = 236
"""Width of what explains the picture."""

LETTERS = 24
"""In a row of a room's text, at most."""
ROWS = 5
"""Of a room's text, at most."""
STYLE = """
text { font: 11px Helvetica, Arial, "Liberation Sans", sans-serif; fill: #24292f }
.room text { text-anchor: middle }
.name { font-size: 14px; font-weight: bold }
.paper { fill: #ffffff }
.floor { fill: #f3f5f7 }
.folder rect { fill: #d7e8f7; stroke: #0072b2 }
.file rect { fill: #ffffff; stroke: #8c959f }
.beside rect { fill: #ece2f5; stroke: #8250b5 }
.circle rect { stroke: #b3001b; stroke-width: 2.5 }
.down, .up { fill: none; stroke: #57606a; stroke-width: 1.2 }
.up { stroke: #b3001b; stroke-width: 2.5 }
"""
HEAD = """\
<marker id="{}" fill="{}" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse"
 markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z"/>
</marker>"""


class Spot(NamedTuple):
    """Where a room, or a line that passes, stands: the middle of its upper edge."""

    x: float
    y: float
    is_room: bool


def draw(house: House) -> str:
    """Return the picture as the text of an SVG file; equal houses have equal pictures."""
    layout = lay_out(house, room=WIDTH + GAP, point=POINT)
    top = len(layout.floors) - 1
    half = {place: WIDTH / 2 if place in house.texts else 0 for place in layout.xs}
    left = min(x - half[place] for place, x in layout.xs.items()) - GAP
    right = max(x + half[place] for place, x in layout.xs.items()) + GAP
    spots = {
        place: Spot(layout.xs[place] - left, GAP + STOREY * (top - level), place in house.texts)
        for level, floor in enumerate(layout.floors)
        for place in floor
    }
    width, height = right - left, STOREY * top + HEIGHT + 2 * GAP
    circling = {room for circle in house.circles for room in circle}
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}">',
            "<title>The rooms: each stands above all that it imports</title>",
            f"<style>{STYLE}</style>",
            HEAD.format("down-head", "#57606a"),
            HEAD.format("up-head", "#b3001b"),
            f'<rect class="paper" width="{width:.0f}" height="{height}"/>',
            *_floors(top + 1, width),
            *_legend(house, width),
            *_lines(layout.lines, spots),
            *(
                line
                for room, text in house.texts.items()
                for line in _room(room, text, spots[room], in_circle=room in circling)
            ),
            "</svg>\n",
        )
    )


def _floors(count: int, width: float) -> Iterator[str]:
    for level in range(count):
        y, height = STOREY * level, HEIGHT + 2 * GAP
        yield f'<rect class="floor" y="{y}" width="{width:.0f}" height="{height}"/>'


def _legend(house: House, width: float) -> Iterator[str]:
    """Return what the colours and the arrows say, at the right of the highest floor."""
    x, y = width - LEGEND, GAP
    kinds = {
        "folder": f"a folder of {SPLIT}/",
        "file": f"a file of {SPLIT}/",
        "beside": f"a package beside {SPLIT}/",
    }
    for kind, text in kinds.items():
        yield f'<g class="{kind}"><rect x="{x:.0f}" y="{y}" width="24" height="12"/></g>'
        yield f'<text x="{x + 34:.0f}" y="{y + 10}">{text}</text>'
        y += 18
    yield f'<path class="down" d="M{x:.0f} {y + 6} h24" marker-end="url(#down-head)"/>'
    implied = len(house.arrows) - len(house.drawn) - len(house.up)
    notes = [
        f"imports; {implied} of {len(house.arrows)} arrows are left",
        "out, which others imply",
    ]
    notes += ["red: runs up, and closes a circle"] if house.up else []
    for text in notes:
        yield f'<text x="{x + 34:.0f}" y="{y + 10}">{text}</text>'
        y += ROW


def _lines(lines: Sequence[Line], spots: Mapping[str, Spot]) -> Iterator[str]:
    xs = _ports(lines, spots)
    for line in lines:
        start, end = spots[line.start], spots[line.end]
        start_x, end_x = xs[line, line.start], xs[line, line.end]
        # A line that passes a floor begins at its top, one that leaves a room at its bottom.
        top, bottom = start.y + HEIGHT * start.is_room, start.y + HEIGHT
        bend = (bottom + end.y) / 2
        curve = f"{start_x:.0f} {bend:.0f} {end_x:.0f} {bend:.0f} {end_x:.0f} {end.y}"
        side, head = ("start", start) if line.up else ("end", end)
        marker = f' marker-{side}="url(#{line.kind}-head)"' if head.is_room else ""
        yield f'<path class="{line.kind}" d="M{start_x:.0f} {top} V{bottom} C{curve}"{marker}/>'


def _ports(lines: Sequence[Line], spots: Mapping[str, Spot]) -> dict[tuple[Line, str], float]:
    """Return the x at which a line touches each of its two places: spread over a room's edge."""
    edges: dict[tuple[str, str], list[tuple[float, Line]]] = defaultdict(list)
    for line in lines:
        edges["lower", line.start].append((spots[line.end].x, line))
        edges["upper", line.end].append((spots[line.start].x, line))
    xs: dict[tuple[Line, str], float] = {}
    for (_, place), touching in edges.items():
        step = min(PORT, WIDTH / len(touching)) if spots[place].is_room else 0
        first = spots[place].x - step * (len(touching) - 1) / 2
        xs |= {(line, place): first + step * n for n, (_, line) in enumerate(sorted(touching))}
    return xs


def _room(room: str, text: str, spot: Spot, *, in_circle: bool) -> Iterator[str]:
    own = room.removeprefix(f"{SPLIT}/")
    kind = "beside" if own == room else "file" if own.endswith(".py") else "folder"
    plain = text.replace("`", "").removesuffix(".")
    rows = textwrap.wrap(plain, LETTERS, max_lines=ROWS, placeholder=" …")
    title = f'{room.removesuffix(own)}<tspan class="name">{own}</tspan>'
    baseline = spot.y + (HEIGHT - ROW * len(rows)) / 2
    yield f'<g class="room {kind}{" circle" * in_circle}">'
    box = f'width="{WIDTH}" height="{HEIGHT}" rx="6"'
    yield f'<rect x="{spot.x - WIDTH / 2:.0f}" y="{spot.y}" {box}/>'
    yield f'<text x="{spot.x:.0f}" y="{baseline:.0f}">{title}</text>'
    for number, row in enumerate(rows, 1):
        yield f'<text x="{spot.x:.0f}" y="{baseline + 4 + ROW * number:.0f}">{escape(row)}</text>'
    yield "</g>"
