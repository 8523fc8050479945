"""The command `kubia`: turns errors into words on standard error and exit codes."""

import contextlib
import errno
import io
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from kubia.errors import ExitCode, InvalidError, KubiaError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a command, all of them as Ctrl-C does: what it began is put in order."""
INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl-C, as shells have it."""
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What a write fails with where there is no room; Python does not say to which file it was."""
ONCE = 1.0
"""Seconds within which further signals mean the same: a terminal that is closed sends several."""


def run() -> None:
    """Run the command line and exit with an `ExitCode`, or with 128 and the number of a signal.

    These are 130 for SIGINT (Ctrl-C), 143 for SIGTERM and 129 for SIGHUP, as shells have it.
    """
    _open_streams()
    signals = _Signals()
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # as `nohup` leaves it
            signal.signal(number, signals.interrupt)
    try:
        _run(signals)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _open_streams() -> None:
    """Let nobody stumble over a stream that is closed, as a daemon's, or that lacks a character.

    What is read from a closed one is nothing; a character that the terminal has not is a `?`.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - to the end
            # It has the closed one's number, the lowest that is free, which is for children too.
            os.set_inheritable(stream.fileno(), True)  # noqa: FBT003 - it takes no names
            setattr(sys, name, stream)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class _Signals:
    """Turns signals into a KeyboardInterrupt, in one place, and remembers the first."""

    first: signal.Signals | None = None
    _last = float("-inf")

    def interrupt(self, number: int, _frame: FrameType | None) -> None:
        """Interrupt what goes on."""
        now = time.monotonic()
        if now - self._last < ONCE:
            return
        self._last = now
        self.first = self.first or signal.Signals(number)
        raise KeyboardInterrupt

    def end(self) -> None:
        """Exit as ended by the first."""
        number = self.first or signal.SIGINT
        _print("interrupted: what was done stays; run the same again to go on.")
        sys.exit(128 + number)


def _run(signals: _Signals) -> None:
    try:
        # Loading takes a moment, and Ctrl-C is to be answered properly from the first one on.
        from kubia.cli import app

        app.app()
    except InvalidError as error:
        for problem in error.problems:
            _print(problem)
        sys.exit(error.exit_code)
    except KubiaError as error:
        _print(str(error))
        if signals.first:
            signals.end()
        sys.exit(error.exit_code)
    except OSError as error:
        _print(_sentence(error))
        _give_up_output()
        sys.exit(ExitCode.FAILED)
    except KeyboardInterrupt:
        signals.end()
    except SystemExit as end:
        # What asks a question takes the interrupt for a refusal.
        if signals.first or end.code == INTERRUPTED:
            signals.end()
        raise


def _sentence(error: OSError) -> str:
    """Return what is wrong with a place, and what to do.

    Raises:
        OSError: no place is to blame.

    """
    if error.filename is not None:
        return f"{error.filename}: {error.strerror}: make it usable, or name another place."
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the current folder has been deleted: go to another one, or name one by -C."
    if error.errno == errno.ENOENT:  # of `tempfile`, which has tried several places
        return f"{error.strerror}: make room in one of them, or name another one by $TMPDIR."
    if error.errno not in FULL:
        raise error
    return f"what was printed or written: {error.strerror}: make room, or send it elsewhere."


def _give_up_output() -> None:
    """Leave out what a stream could not write: Python would try it again in the end, and fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print(problem: str) -> None:
    from kubia import console

    with contextlib.suppress(OSError):  # after SIGHUP there may be no terminal any more
        console.error(problem)


if __name__ == "__main__":
    run()
