"""Draws a release over time: who answered, what failed, which pods there were."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubia.observe import record as records
from kubia.observe.plots import INK, PALE
from kubia.observe.probe import OTHER
from kubia.observe.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (10.0, 5.2)
"""Inches."""
# Okabe and Ito's colours, which colour-blind people tell apart; red is for failures alone.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#f0e442")
FAILED = "#b3001b"
POD_STYLES: Mapping[str, tuple[float, str]] = {
    "ready": (1.0, ""),
    "not ready": (0.45, "////"),
    "going": (0.3, "\\\\\\\\"),
}
"""How pods of a state are drawn: the strength of their version's colour, and the hatch."""


def title(record: Record, of: str) -> str:
    """Return what the picture shows, in a line: whose release it is and how it went."""
    versions = records.declared(record)
    first, *others = record.marks
    steps = ", ".join(f"{mark.text} after {mark.at - first.at:.0f} s" for mark in others)
    return (
        f"{of}: {' → '.join(versions) or 'no pods'}, {steps}; "
        f"{record.failed()} of {len(record.answers)} requests failed"
    )


def draw(record: Record, title: str) -> "Figure":
    """Return the figure; within `plots.save`, which sets the style."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - loaded when something is drawn

    figure = Figure(figsize=SIZE, layout="constrained")
    requests, pods = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=12)
    colours = _colours(records.versions(record))
    _requests(requests, record, colours)
    _pods(pods, record, colours)
    _marks(requests, pods, record)
    for axes in (requests, pods):
        axes.set_xlim(0, record.seconds)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color=PALE, alpha=0.3, linewidth=0.6)
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), frameon=False, reverse=True)
    pods.set_xlabel("seconds")
    return figure


def _colours(versions: list[str]) -> dict[str, str]:
    named = [version for version in versions if version != OTHER]
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(named)}
    return {**colours, OTHER: PALE}


def _requests(axes: "Axes", record: Record, colours: Mapping[str, str]) -> None:
    rates = records.rates(record)
    below = [0.0] * len(rates.failed)
    rows = [
        (f"{name} answers", rates.answered[name], colours[name])
        for name in colours
        if name in rates.answered
    ]
    for label, row, colour in [*rows, (f"failed: {record.failed()}", rates.failed, FAILED)]:
        top = [low + count for low, count in zip(below, row, strict=True)]
        axes.stairs(top, rates.edges, baseline=below, fill=True, color=colour, label=label)
        below = top
    axes.set_ylabel("requests a second")


def _pods(axes: "Axes", record: Record, colours: Mapping[str, str]) -> None:
    pods = records.pods(record)
    below = [0] * (len(pods.edges) - 1)
    for (version, state), row in pods.counts.items():
        top = [low + count for low, count in zip(below, row, strict=True)]
        strength, hatch = POD_STYLES[state]
        axes.stairs(
            top,
            pods.edges,
            baseline=below,
            fill=True,
            facecolor=_paler(colours[version], strength),
            edgecolor="white",
            linewidth=0,
            hatch=hatch,
            label=f"{version} {state}",
        )
        below = top
    axes.set_ylabel("pods")


def _paler(colour: str, strength: float) -> tuple[float, ...]:
    """Return the colour mixed with white: what is transparent looks different in every viewer."""
    from matplotlib.colors import to_rgb  # noqa: PLC0415 - as above

    return tuple(1 - strength * (1 - part) for part in to_rgb(colour))


def _marks(requests: "Axes", pods: "Axes", record: Record) -> None:
    for number, (at, text) in enumerate(record.marks, 1):
        is_last = number == len(record.marks)
        for axes in (requests, pods):
            axes.axvline(at, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        # The last two may be close together: they stand on either side of their lines.
        requests.annotate(
            text,
            (at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3 if is_last else -3, 3),
            textcoords="offset points",
            ha="left" if is_last else "right",
        )
