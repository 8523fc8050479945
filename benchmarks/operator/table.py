"""The figures as tables, and ours as parts of the rivals'."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from rich.table import Table

from benchmarks.operator.program import BARE, KOPF, OURS, REPAIRING

_ABOUT = ("scenario", "sites", "program", "runs")
_SHARED = ("wall s", "CPU s", "RSS MB", "CPU %")


def table(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """Yield a table for each scenario and number of sites."""
    by_program = {(row["scenario"], row["sites"], row["program"]): row for row in rows}
    for name, group in groupby(rows, lambda row: row["scenario"]):
        several = list(group)
        figures = list(dict.fromkeys(key for row in several for key in row if key not in _ABOUT))
        shown = Table(title=name, title_justify="left")
        shown.add_column("program")
        for column in ("sites", "runs", *figures):
            shown.add_column(column, justify="right")
        for row in several:
            shown.add_row(row["program"], *(_text(row.get(k)) for k in ("sites", "runs", *figures)))
        for row in several:
            for rival in (KOPF, REPAIRING, BARE):
                other = by_program.get((name, row["sites"], rival))
                if row["program"] == OURS and other:
                    parts = (_part(key, row, other) for key in figures)
                    shown.add_row(f"{OURS} / {rival}", str(row["sites"]), "", *parts, style="bold")
        yield shown


def _text(value: float | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def _part(key: str, row: dict[str, Any], other: dict[str, Any]) -> str:
    if key not in _SHARED or not other.get(key):
        return ""
    return f"{row[key] / other[key]:.2f}"
