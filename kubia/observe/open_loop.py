"""Asks at a constant rate, whatever becomes of the requests before: what users do, who do not wait.

Who waits for each answer before asking again asks least while the answers are missing, and so sees
a gap smaller than its users do.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kubia.observe.probe import PATIENCE, SILENT, UNSENT, Answer


@dataclass(frozen=True)
class Pace:
    """How often is asked, and how long an answer may take."""

    rate: float = 20.0
    """Requests a second."""
    patience: float = PATIENCE
    """Seconds from when a request was due until its answer counts as failed."""
    most: int = 128
    """Requests under way at once: a service that is silent has 80, of 20 a second and two timeouts
    of 2 s each, to connect and to answer."""


PACE = Pace()


class OpenLoop:
    """Requests under way; `keep` gets when each was due (time.monotonic) and its answer.

    Each request gets an answer: one that is late, or could not be sent, is an error.
    """

    def __init__(
        self, ask: Callable[[], Answer], keep: Callable[[float, Answer], None], pace: Pace = PACE
    ) -> None:
        """Ask by `ask`, in threads."""
        self._ask = ask
        self._keep = keep
        self._pace = pace
        self._lock = threading.Lock()
        self._under_way: set[float] = set()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Ask until the block ends; return when all has been answered, or is too late."""
        over = threading.Event()
        thread = threading.Thread(target=self._send, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.settle()
            for due in sorted(self._under_way):
                self._finish(due, Answer(is_error=True, otherwise=SILENT))

    def settle(self) -> None:
        """Return when each request that is under way has been answered, or is too late."""
        now = time.monotonic()
        while time.monotonic() < now + self._pace.patience and self._has_before(now):
            time.sleep(0.01)

    def _has_before(self, now: float) -> bool:
        with self._lock:
            return any(due < now for due in self._under_way)

    def _send(self, over: threading.Event) -> None:
        start, count = time.monotonic(), 0
        due = start
        while not over.wait(max(0.0, due - time.monotonic())):
            self._begin(due)
            count += 1
            due = start + count / self._pace.rate

    def _begin(self, due: float) -> None:
        with self._lock:
            full = len(self._under_way) >= self._pace.most
            if not full:
                self._under_way.add(due)
        if full:
            self._keep(due, Answer(is_error=True, otherwise=UNSENT))
            return
        threading.Thread(target=self._one, args=(due,), daemon=True).start()

    def _one(self, due: float) -> None:
        self._finish(due, self._ask())

    def _finish(self, due: float, answer: Answer) -> None:
        """Keep the answer, unless it has been given up."""
        with self._lock:
            if due not in self._under_way:
                return
            self._under_way.remove(due)
        self._keep(due, answer.after(time.monotonic() - due, self._pace.patience))
