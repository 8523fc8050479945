"""`kubia engine`: which engine keeps a stack, and from one to the other."""

import enum
from typing import Annotated

import typer

from kubia.cli import options

app = typer.Typer(help="Which engine keeps a stack; from one to the other.", no_args_is_help=True)


class Keeper(enum.StrEnum):
    """Who may keep a stack."""

    pulumi = "pulumi"
    kubectl = "kubectl"


@app.command()
def show(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
) -> None:
    """Say which engine keeps the stack, and where its record is."""
    from kubia.actions import move as action
    from kubia.session import between_engines

    action.show(between_engines(cwd, stack, context))


@app.command()
def move(
    *,
    to: Annotated[Keeper, typer.Option(help="The engine that shall keep the stack.")],
    stack: options.Stack = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,
) -> None:
    """Let the other engine keep the stack from now on.

    What runs stays as it is, and no request is lost. A preview comes first. Interrupt it
    anywhere and run it again: it goes on, or back.
    """
    from kubia.actions import engine as engines
    from kubia.actions import move as action
    from kubia.session import between_engines

    kubectl, pulumi = engines.both(between_engines(cwd, stack, context))
    action.move(kubectl, pulumi, to.value, yes=yes)
