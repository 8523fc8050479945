"""`kubia promote`, `abort`, `pause`, `resume`: each an edit of the strategy and an `up`."""

from dataclasses import dataclass

from kubia import console
from kubia.actions.edit import carry_out
from kubia.actions.engine import Engine
from kubia.errors import InvalidError
from kubia.observe import probe
from kubia.project import strategy
from kubia.releases.record import UpOptions

ERROR_BOUND = 0.01
"""The highest share of errors, unless another is given."""
WINDOW = 60.0
"""Seconds to measure, unless others are given."""


@dataclass(frozen=True)
class Gate:
    """What is measured before a promotion; None stands for the default, a URL of None for nothing.

    `window` is in seconds, `error_bound` a share.
    """

    url: str | None = None
    error_bound: float | None = None
    window: float | None = None


def promote(engine: Engine, gate: Gate, *, yes: bool) -> None:
    """Give the canary's image to everyone, if what is measured is good enough."""
    document, image = strategy.promoted(engine.session.stack)
    measure(gate)
    carry_out(engine, document, UpOptions(cause=f"promote {image}"), yes=yes)


def abort(engine: Engine, *, yes: bool) -> None:
    """Take the canary away."""
    document, image = strategy.aborted(engine.session.stack)
    carry_out(engine, document, UpOptions(cause=f"abort {image}"), yes=yes)


def pause(engine: Engine, *, yes: bool) -> None:
    """Pause rollouts where they are."""
    document = strategy.paused(engine.session.stack)
    carry_out(engine, document, UpOptions(cause="pause"), yes=yes)


def resume(engine: Engine, *, yes: bool) -> None:
    """Let paused rollouts go on."""
    document = strategy.resumed(engine.session.stack)
    carry_out(engine, document, UpOptions(cause="resume"), yes=yes)


def measure(gate: Gate) -> None:
    """Ask the Service for a while, and refuse to go on above the bound.

    Raises:
        InvalidError: the gate cannot be measured.
        KubiaError: there were too many errors.

    """
    if gate.url is None:
        if gate.error_bound is not None or gate.window is not None:
            problem = "--error-bound and --window need --probe-url, the address to measure at."
            raise InvalidError([problem])
        return
    bound = ERROR_BOUND if gate.error_bound is None else gate.error_bound
    window = WINDOW if gate.window is None else gate.window
    probe.check(gate.url, bound, window)
    with console.progress() as progress:
        shares = probe.measure(gate.url, window, progress)
    for line in shares.lines():
        console.out(line)
    probe.refuse_above(shares, bound)
