"""`kubia graph`: a stack's resources, which belongs to which and which needs which."""

from pathlib import Path
from typing import Annotated

import typer

from kubia.cli import options


def graph(
    *,
    stack: options.Stack = "dev",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Draw it into FILE.svg, .png or .html, or write FILE.mmd, Mermaid's text.",
        ),
    ] = None,
    cwd: options.Cwd = options.HERE,
) -> None:
    """Show the stack's resources as a tree, with what each needs. Needs no cluster."""
    from kubia.actions import graph as action
    from kubia.observe import plots
    from kubia.session import without_cluster

    if out:
        plots.check("--out", out, action.FORMATS)
    file = out.resolve() if out else None  # the program runs in its own folder
    action.graph(without_cluster(cwd, stack), file)
