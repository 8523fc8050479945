"""Progress for the user: one line when a step begins, one with its time when it ends."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.text import Text


class Report(Protocol):
    """Where progress goes. Steps may overlap: some run in threads."""

    def step(self, text: str) -> AbstractContextManager[None]:
        """Announce `text` and, when the block ends, how long it took."""
        ...

    def note(self, text: str) -> None:
        """Write something that takes no time."""
        ...


class Silent:
    """A report that nobody reads."""

    @contextmanager
    def step(self, text: str) -> Iterator[None]:  # noqa: ARG002 - the Protocol's name
        """Say nothing."""
        yield

    def note(self, text: str) -> None:
        """Say nothing."""


class Lines:
    """Lines on standard error: coloured on a terminal, plain otherwise."""

    def __init__(self, console: Console | None = None) -> None:
        """Write to `console`, by default standard error."""
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._lock = threading.Lock()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Announce `text` and, when the block ends, how long it took."""
        self._write("…", "dim", text)
        start = time.monotonic()
        try:
            yield
        except BaseException:
            self._write("✗", "red", f"{text} ({time.monotonic() - start:.1f} s)")
            raise
        self._write("✓", "green", f"{text} ({time.monotonic() - start:.1f} s)")

    def note(self, text: str) -> None:
        """Write one line."""
        self._write("·", "yellow", text)

    def _write(self, mark: str, style: str, text: str) -> None:
        with self._lock:
            self._console.print(Text(mark, style=style), Text(text))
