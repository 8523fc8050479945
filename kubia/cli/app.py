"""The commands of `kubia`, registered."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from kubia import __version__
from kubia.cli import (
    abort,
    cluster,
    completion,
    doctor,
    down,
    drift,
    engine,
    graph,
    history,
    kubectl,
    logs,
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
    status,
    tour,
    up,
)
from kubia.cli import open as open_command
from kubia.errors import refuse

app = typer.Typer(
    name="kubia",
    help="Brings the stacks of a Pulumi program into Kubernetes, with or without Pulumi's CLI.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(up.up)
app.command()(preview.preview)
app.command()(down.down)
app.command()(status.status)
app.command()(logs.logs)
app.command("open")(open_command.open_)
app.command(context_settings=kubectl.PASSED_ON)(kubectl.kubectl)
app.command()(doctor.doctor)
app.command()(tour.tour)
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
    called: typer.Context,
    *,
    stack: Annotated[
        str, typer.Option("--stack", "-s", envvar="KUBIA_STACK", autocompletion=completion.stacks)
    ] = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    # As with git and make, these may come first: they are then the defaults of the command's own.
    given = {"stack": stack, "cwd": str(cwd), "context": context}
    called.default_map = _defaults(called.command, given)
    _refuse_strangers(called, given)


def _defaults(command: object, given: Mapping[str, object]) -> dict[str, Any]:
    """Return the defaults of a command, which are those of each command in a group."""
    if not isinstance(command, TyperGroup):
        return dict(given)
    return {name: _defaults(inside, given) for name, inside in command.commands.items()}


def _refuse_strangers(called: typer.Context, names: Iterable[str]) -> None:
    """Refuse an option that the command has not, before it as after it: it would be dropped.

    Raises:
        InvalidError: there is one.

    """
    command = called.invoked_subcommand
    if command is None or not isinstance(called.command, TyperGroup):
        return
    taken = _parameters(called.command.commands[command])
    refuse(
        f"--{name}: `kubia {command}` does not take it; leave it out."
        for name in names
        if name not in taken and _is_typed(called, name)
    )


def _is_typed(called: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line, and not in a variable."""
    source = called.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _parameters(command: Any) -> set[str]:
    """Return the names of a command's parameters; of a group, those that any of it has."""
    inside = command.commands.values() if isinstance(command, TyperGroup) else ()
    return {param.name for param in command.params}.union(*map(_parameters, inside))
