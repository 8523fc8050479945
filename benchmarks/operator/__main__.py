"""`python -m benchmarks.operator`: measure the operator against its rivals, in the same run."""

import asyncio
import os
import platform
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from benchmarks.operator.cluster import NAME, cluster
from benchmarks.operator.program import KINDS, SHELL
from benchmarks.operator.scenarios import SCENARIOS, Figures
from benchmarks.operator.table import table
from kubia.errors import KubiaError
from kubia.local import paths
from kubia.local.report import Lines

_SHELL_MOST = 100
"""The shell loop makes some 6 sites a second; more would only take time."""


def _least(runs: list[Figures]) -> Figures:
    """Return the least of each figure: what disturbs a run only ever adds to it."""
    return {name: min(run[name] for run in runs if name in run) for name in runs[0]}


async def _measure(
    names: list[str], sites: list[int], programs: list[str], repeat: int, *, controllers: bool
) -> list[dict[str, Any]]:
    report, rows = Lines(), []
    for name in names:
        scenario, kinds = SCENARIOS[name]
        for size in sites:
            runs: dict[str, list[Figures]] = {}
            for turn in range(repeat):
                for kind in kinds:
                    if programs and kind not in programs:
                        continue
                    count = min(size, _SHELL_MOST) if kind == SHELL else size
                    where = f"{name}, {count} sites, {kind}, run {turn + 1} of {repeat}"
                    try:
                        with report.step(where):
                            async with cluster(controllers=controllers) as lent:
                                runs.setdefault(kind, []).append(await scenario(lent, kind, count))
                    except TimeoutError as error:
                        report.note(f"{where}: {error}")
                        continue
                    shown = ", ".join(f"{k} {v:.4g}" for k, v in runs[kind][-1].items())
                    report.note(f"{where}: {shown}")
            for kind, each in runs.items():
                count = min(size, _SHELL_MOST) if kind == SHELL else size
                row = {"scenario": name, "sites": count, "program": kind, "runs": len(each)}
                rows.append({**row, **_least(each)})
    return rows


def _problem(scenarios: list[str], programs: list[str]) -> str:
    """Return what is wrong with what was asked for, or nothing."""
    for where, given, known in (
        ("scenarios", scenarios, list(SCENARIOS)),
        ("--program", programs, list(KINDS)),
    ):
        if unknown := [each for each in given if each not in known]:
            return f"{where}: {unknown[0]!r} is none; known are {', '.join(known)}"
    return ""


def main(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help=f"{', '.join(SCENARIOS)}; all by default.")
    ] = None,
    *,
    sites: Annotated[
        list[int] | None, typer.Option(min=1, help="How many sites; may be repeated; 1000.")
    ] = None,
    program: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(KINDS)}; may be repeated; all by default.")
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, help="Runs of each; the least of each figure counts.")
    ] = 1,
    controllers: Annotated[
        bool, typer.Option(help="Let the controllers run, not the API server alone.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
) -> None:
    """Measure; print a table for each scenario. An interrupt leaves nothing behind."""
    if problem := _problem(scenarios or [], program or []):
        typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(2)
    if paths.layout(NAME).root.exists():
        typer.echo(
            f"error: the cluster {NAME!r} exists; kubia cluster down --name {NAME}", err=True
        )
        raise typer.Exit(1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = scenarios or list(SCENARIOS)
    try:
        rows = asyncio.run(
            _measure(names, sites or [1000], program or [], repeat, controllers=controllers)
        )
    except KubiaError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    console = Console()
    for each in table(rows):
        console.print(each)
    if json:
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "controllers": controllers,
        }
        json.write_bytes(msgspec.json.format(msgspec.json.encode({**about, "rows": rows})))


if __name__ == "__main__":
    typer.run(main)
