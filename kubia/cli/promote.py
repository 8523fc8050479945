"""`kubia promote`: give the canary's image to everyone."""

from typing import Annotated

import typer

from kubia.cli import options


def promote(  # noqa: PLR0913 - the flags
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
    bound: Annotated[
        float | None, typer.Option("--error-bound", help="Highest share of errors; default 0.01.")
    ] = None,
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
    gate = strategy.Gate(url, bound, window)
    strategy.promote(engines.of(session), gate, yes=yes)
