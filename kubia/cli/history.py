"""`kubia history`: what was released when, by whom and why."""

from typing import Annotated

import typer

from kubia.cli import options


def history(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    number: Annotated[
        int | None, typer.Option("--release", help="Show this one with its changes.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Show the stack's releases, oldest first."""
    from kubia.actions import engine as engines
    from kubia.actions import history as action
    from kubia.actions import leftover
    from kubia.session import open_session

    if (left := leftover.of(cwd, stack, context)) is not None:
        left.show(number, as_json=as_json)
        return
    session = open_session(cwd, stack, engine.value, context, writes=False)
    action.show(engines.of(session).history(), number, as_json=as_json)
