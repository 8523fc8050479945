"""`kubia promote`, `abort`, `pause`, `resume`: each an edit of the strategy and an `up`."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kubia import console
from kubia.actions.edit import Change, carry_out
from kubia.actions.engine import Engine
from kubia.errors import KubiaError, refuse
from kubia.observe import bound, monitor, probe
from kubia.project import services, strategy
from kubia.releases.record import UpOptions

WINDOW = 60.0
"""Seconds to measure, unless others are given."""


@dataclass(frozen=True)
class Gate:
    """What is measured before a promotion; None stands for the default, a URL of None for nothing.

    `window` is in seconds, `max_errors` a percentage.
    """

    url: str | None = None
    max_errors: str | None = None
    window: float | None = None


def promote(engine: Engine, service: str | None, gate: Gate, *, yes: bool) -> None:
    """Give the canary's image to everyone, if what is measured is good enough."""
    name = _named(engine, service)
    document, image = strategy.promoted(engine.session.stack, name)
    measure(gate, name, engine.session.stack.name)
    carry_out(engine, Change(document), UpOptions(cause=f"promote {image}"), yes=yes)


def abort(engine: Engine, service: str | None, *, yes: bool) -> None:
    """Take the canary away."""
    document, image = strategy.aborted(engine.session.stack, _named(engine, service))
    carry_out(engine, Change(document), UpOptions(cause=f"abort {image}"), yes=yes)


def pause(engine: Engine, service: str | None, *, yes: bool) -> None:
    """Pause rollouts where they are."""
    name = _named(engine, service)
    document = strategy.paused(engine.session.stack, name)
    carry_out(engine, Change(document), UpOptions(cause=f"pause {name}"), yes=yes)


def resume(engine: Engine, service: str | None, *, yes: bool) -> None:
    """Let paused rollouts go on."""
    name = _named(engine, service)
    document = strategy.resumed(engine.session.stack, name)
    carry_out(engine, Change(document), UpOptions(cause=f"resume {name}"), yes=yes)


def measure(gate: Gate, service: str, stack: str) -> None:
    """Ask the Service for a while, and refuse to go on above the bound.

    `service` and `stack` are the names of what would be promoted.

    Raises:
        InvalidError: the gate cannot be measured.
        KubiaError: there were too many errors.

    """
    refuse(_problems(gate))
    if gate.url is None:
        return
    window = WINDOW if gate.window is None else gate.window
    most = bound.share(gate.max_errors or bound.MAX_ERRORS)
    with console.progress() as progress:
        counted = bound.of_window(monitor.measured(gate.url, window, progress))
    for line in counted.shares.lines():
        console.out(line)
    if excess := bound.excess(counted, most):
        message = (
            f"not promoted: {excess} (--max-errors); `kubia abort {service} -s {stack}` takes the "
            "canary away."
        )
        raise KubiaError(message)


def _named(engine: Engine, service: str | None) -> str:
    """Return the name of the service that is meant."""
    stack = engine.session.stack
    return services.chosen(stack.document, stack.project.name, stack.file.name, service)


def _problems(gate: Gate) -> Iterator[str]:
    yield from bound.problems(gate.max_errors, gate.url)
    if gate.url is not None:
        yield from probe.problems(gate.url)
    elif gate.window is not None:
        yield "--window needs --probe-url, the address to measure at."
    if gate.window is not None and not 0 < gate.window < math.inf:
        yield f"--window {gate.window:g}: must be a number of seconds above 0."
