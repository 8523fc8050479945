"""`kubia rollback`: declare again what an earlier release declared."""

from typing import Annotated

import typer

from kubia.cli import options


def rollback(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    to: Annotated[
        int | None,
        typer.Option("--to", help="The release's number; default: the last good one before."),
    ] = None,
    force: options.Force = False,
    yes: options.Yes = False,
) -> None:
    """Go back to what an earlier release declared.

    The stack file is changed back, and brought up as a new release.

    The preview comes first; if it is declined, the stack file is left as it was.
    """
    from kubia.actions import engine as engines
    from kubia.actions.rollback import rollback as action
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    action(engines.of(session), to, force_conflicts=force, yes=yes)
