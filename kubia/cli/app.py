"""The commands of `kubia`, registered."""

from typing import Annotated

import typer

from kubia import __version__, console
from kubia.cli import (
    cluster,
    down,
    drift,
    graph,
    history,
    operator,
    outputs,
    preview,
    render,
    rollback,
    strategy,
    up,
)

app = typer.Typer(
    name="kubia",
    help="Brings the stacks of a Pulumi program into Kubernetes, with or without Pulumi's CLI.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(up.up)
app.command()(preview.preview)
app.command()(down.down)
app.command()(history.history)
app.command()(rollback.rollback)
app.command()(drift.drift)
app.command()(graph.graph)
app.command()(strategy.promote)
app.command()(strategy.abort)
app.command()(strategy.pause)
app.command()(strategy.resume)
app.command("render")(render.show)
app.command("outputs")(outputs.show)
app.add_typer(cluster.app, name="cluster")
app.add_typer(operator.app, name="operator")


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer's callback)
    if wanted:
        console.out(f"kubia {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[  # noqa: FBT002 (typer's way to write a flag)
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass
