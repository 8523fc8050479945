"""`kubia promote`: give the canary's image to everyone."""

from typing import Annotated

import typer

from kubia.cli import options


def promote(  # noqa: PLR0913 - the flags
    service: options.WebService = None,
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    url: Annotated[
        str | None,
        typer.Option(
            "--probe-url", help="First measure the errors of the Service at this http:// address."
        ),
    ] = None,
    most: options.MaxErrors = None,
    window: Annotated[
        float | None, typer.Option("--window", help="Seconds to measure; default 60.")
    ] = None,
    yes: options.Yes = False,
) -> None:
    """Give the canary's image to everyone.

    In the stack file strategy.canaryImage becomes image.
    """
    from kubia.actions import engine as engines
    from kubia.actions import strategy
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    gate = strategy.Gate(url, most, window)
    strategy.promote(engines.of(session), service, gate, yes=yes)
