"""`kubia status`: what runs of a stack."""

import typer

from kubia.cli import options


def status(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    as_json: options.Json = False,
) -> None:
    """Say what runs, of which release, and why not.

    That is every service, site, agent and operator that the program declares. Exit with 1 unless
    all is healthy.
    """
    from kubia.actions import engine as engines
    from kubia.actions.status import status as action
    from kubia.errors import ExitCode
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context, writes=False)
    if not action(engines.of(session), as_json=as_json):
        raise typer.Exit(ExitCode.FAILED)
