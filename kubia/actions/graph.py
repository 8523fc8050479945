"""`kubia graph`: a stack's resources, which belongs to which and which needs which."""

from pathlib import Path

from kubia import console
from kubia.observe import graph_plot, plots
from kubia.program import graph as graphs
from kubia.session import Session

MERMAID = ".mmd"
FORMATS = (*plots.FORMATS, MERMAID)


def graph(session: Session, file: Path | None) -> None:
    """Print the resources as a tree, or draw them into a file by its suffix."""
    nodes = graphs.nodes(session.program)
    if file is None:
        console.show(graphs.tree(nodes))
        return
    if file.suffix == MERMAID:
        plots.write(file, graphs.mermaid(nodes).encode())
    else:
        stack = session.stack
        plots.save(lambda: graph_plot.draw(nodes), file, f"{stack.project.name} {stack.name}")
    console.err(f"{len(nodes) - 1} resources in {file}")
