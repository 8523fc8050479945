"""Draws a stack's resources: a row for each, arcs at the right from each to what it needs."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kubia.observe.plots import INK, PALE
from kubia.program.graph import Family, Node

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# In inches.
ROW = 0.36
BOX = 0.27
INDENT = 0.45
LETTER = 0.092
"""Width of a wide letter at the size of the text."""
MARGIN = 0.12
GAP = 0.35
"""Between a box's left edge, its texts, and its right edge at the least."""
LEGEND = 0.85
"""Width at the right of the boxes that the word for the arcs takes."""

FILLS: Mapping[Family, str] = {
    "component": "#ece2f5",
    "workload": "#d7e8f7",
    "network": "#d9f0e3",
    "content": "#fdecc8",
    "other": "#eef0f2",
}
EDGES: Mapping[Family, str] = {
    "component": "#8250b5",
    "workload": "#0072b2",
    "network": "#00835f",
    "content": "#b57a00",
    "other": PALE,
}
NEEDS = "#57606a"


def draw(nodes: Sequence[Node]) -> "Figure":
    """Return the figure; within `plots.save`, which sets the style."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - loaded when something is drawn

    right = max(
        INDENT * node.depth + LETTER * (len(node.kind) + len(node.name)) + GAP for node in nodes
    )
    rows = {node.urn: place * ROW for place, node in enumerate(nodes)}
    arcs = [(rows[node.urn], rows[urn]) for node in nodes for urn in node.needs if urn in rows]
    reach = max((_bulge(*arc) for arc in arcs), default=0.0)
    reach = max(reach, LEGEND) if arcs else reach
    width, height = right + reach, ROW * (len(nodes) - 1) + BOX
    figure = Figure(figsize=(width + 2 * MARGIN, height + 2 * MARGIN))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-MARGIN, width + MARGIN)
    axes.set_ylim(height - BOX / 2 + MARGIN, -BOX / 2 - MARGIN)
    _branches(axes, nodes, rows)
    for node in nodes:
        _box(axes, node, rows[node.urn], right)
    for start, end in arcs:
        _arc(axes, right, start, end)
    if arcs:  # beside the stack, which needs nothing and which nothing needs
        axes.text(right + GAP / 2, 0, "→ needs", va="center_baseline", color=NEEDS)
    return figure


def _bulge(start: float, end: float) -> float:
    """Return how far an arc reaches: the longer, the farther, but ever less so."""
    return 0.32 * math.sqrt(abs(end - start) / ROW) + 0.1


def _branches(axes: "Axes", nodes: Sequence[Node], rows: Mapping[str, float]) -> None:
    path: list[Node] = []
    for node in nodes:
        if node.depth:
            parent, y = path[node.depth - 1], rows[node.urn]
            x = INDENT * parent.depth + INDENT / 2
            axes.plot(
                (x, x, INDENT * node.depth),
                (rows[parent.urn] + BOX / 2, y, y),
                color=PALE,
                linewidth=1.2,
                zorder=0,
            )
        path = [*path[: node.depth], node]


def _box(axes: "Axes", node: Node, y: float, right: float) -> None:
    from matplotlib.patches import FancyBboxPatch  # noqa: PLC0415 - as above

    left = INDENT * node.depth
    axes.add_patch(
        FancyBboxPatch(
            (left, y - BOX / 2),
            right - left,
            BOX,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=FILLS[node.family],
            edgecolor=EDGES[node.family],
            linewidth=1,
        )
    )
    axes.text(left + 0.1, y, node.kind, weight="bold", va="center_baseline", color=INK)
    axes.text(right - 0.1, y, node.name, ha="right", va="center_baseline", color=INK)


def _arc(axes: "Axes", x: float, start: float, end: float) -> None:
    from matplotlib.patches import FancyArrowPatch  # noqa: PLC0415 - as above
    from matplotlib.path import Path  # noqa: PLC0415 - as above

    # A cubic curve reaches three quarters of the way to its control points.
    far = x + _bulge(start, end) / 0.75
    codes = (Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4)
    path = Path(((x, start), (far, start), (far, end), (x, end)), codes)
    axes.add_patch(
        FancyArrowPatch(
            path=path, arrowstyle="-|>", mutation_scale=9, color=NEEDS, linewidth=1.1, shrinkB=0
        )
    )
