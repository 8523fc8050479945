"""`kubia graph`: a stack's resources, which belongs to which and which needs which."""

from pathlib import Path
from typing import Annotated

import typer

from kubia import console
from kubia.cli import options
from kubia.observe import graph_plot, plots
from kubia.program import graph as graphs
from kubia.project import stackfile
from kubia.session import rendered

MERMAID = ".mmd"
FORMATS = (*plots.FORMATS, MERMAID)


def graph(
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
    file = out.resolve() if out else None  # the program runs in its own folder
    if out:
        plots.check("--out", out, FORMATS)
    found = stackfile.stack(stackfile.project(cwd), stack)
    nodes = graphs.nodes(rendered(found, None))
    if file is None:
        console.show(graphs.tree(nodes))
        return
    if file.suffix == MERMAID:
        plots.write(file, graphs.mermaid(nodes).encode())
    else:
        plots.save(lambda: graph_plot.draw(nodes), file, f"{found.project.name} {found.name}")
    console.err(f"{len(nodes) - 1} resources in {file}")
