"""`kubia preview`: what `up` would change."""

from typing import Annotated

import typer

from kubia.cli import options


def preview(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    force: options.Force = False,
    as_json: options.Json = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3 if something would change.")
    ] = False,
) -> None:
    """Show what `up` would change, field by field.

    It is what the API server answers to a dry run; nothing is written.
    """
    from kubia.actions import engine as engines
    from kubia.errors import ExitCode
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    changes = engines.of(session).preview(force_conflicts=force, as_json=as_json)
    if exit_code and changes:
        raise typer.Exit(ExitCode.DIFFERS)
