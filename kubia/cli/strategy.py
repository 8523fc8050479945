"""`kubia promote`, `abort`, `pause` and `resume`: each an edit of the strategy and an `up`."""

from typing import Annotated

import typer

from kubia import console
from kubia.actions import change
from kubia.cli import options
from kubia.errors import InvalidError
from kubia.observe import probe
from kubia.project import strategy
from kubia.releases.record import UpOptions
from kubia.session import Engine, open_session

BOUND = 0.01
WINDOW = 60.0


def promote(  # noqa: PLR0913, PLR0917 (the flags)
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
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
    yes: options.Yes = False,  # noqa: FBT002 (typer's way to write a flag)
) -> None:
    """Give the canary's image to everyone: strategy.canaryImage becomes image."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    document, image = strategy.promoted(session.stack)
    _gate(url, bound, window)
    change.carry_out(session, document, UpOptions(cause=f"promote {image}"), yes=yes)


def abort(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,  # noqa: FBT002
) -> None:
    """Take the canary away: strategy.canaryImage is removed."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    document, image = strategy.aborted(session.stack)
    change.carry_out(session, document, UpOptions(cause=f"abort {image}"), yes=yes)


def pause(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,  # noqa: FBT002
) -> None:
    """Let the web service's rollout stand still where it is: strategy.paused is set."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    change.carry_out(session, strategy.paused(session.stack), UpOptions(cause="pause"), yes=yes)


def resume(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,  # noqa: FBT002
) -> None:
    """Let a paused rollout go on: strategy.paused is removed."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    change.carry_out(session, strategy.resumed(session.stack), UpOptions(cause="resume"), yes=yes)


def _gate(url: str | None, bound: float | None, window: float | None) -> None:
    """Measure, if that is asked for, and refuse to go on above the bound."""
    if url is None:
        if bound is not None or window is not None:
            problem = "--error-bound and --window need --probe-url, the address to measure at."
            raise InvalidError((problem,))
        return
    bound = BOUND if bound is None else bound
    window = WINDOW if window is None else window
    probe.check(url, bound, window)
    with console.board() as board:
        shares = probe.measure(url, window, board)
    for line in shares.lines():
        console.out(line)
    probe.refuse_above(shares, bound)
