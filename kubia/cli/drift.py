"""`kubia drift`: where what runs differs from what is declared, and who did it."""

from typing import Annotated

import typer

from kubia.cli import options


def drift(  # noqa: PLR0913 - the flags
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put back what is declared, and wait.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Count containers that others added as drift.")
    ] = False,
    as_json: options.Json = False,
    yes: options.Yes = False,
) -> None:
    """Compare what is declared with what runs, by either engine. Exit with 3 if they differ."""
    from kubia.actions.drift import drift as action
    from kubia.actions.kubectl import KubectlEngine
    from kubia.errors import ExitCode
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    if action(KubectlEngine(session), repair=repair, strict=strict, as_json=as_json, yes=yes):
        raise typer.Exit(ExitCode.DIFFERS)
