"""The commands of `kubia`, registered."""

from typing import Annotated

import typer

from kubia import __version__
from kubia.cli import (
    abort,
    cluster,
    down,
    drift,
    engine,
    graph,
    history,
    operator,
    options,
    outputs,
    pause,
    preview,
    promote,
    render,
    resume,
    rollback,
    secret,
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
app.command()(promote.promote)
app.command()(abort.abort)
app.command()(pause.pause)
app.command()(resume.resume)
app.command()(render.render)
app.command()(outputs.outputs)
app.add_typer(cluster.app, name="cluster")
app.add_typer(engine.app, name="engine")
app.add_typer(operator.app, name="operator")
app.add_typer(secret.app, name="secret")


def _version(requested: bool) -> None:  # noqa: FBT001 - typer's callback
    if requested:
        typer.echo(f"kubia {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    *,
    cwd: options.Cwd = options.HERE,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    # As with git and make, -C may come first: it is then the default of the command's own.
    own = {"cwd": str(cwd)}
    inside = dict.fromkeys((*engine.COMMANDS, *secret.COMMANDS), own)
    context.default_map = {str(context.invoked_subcommand): {**own, **inside}}
