"""Keys to reconcile: each at most once, never two workers on one, fresh before backlog."""

import asyncio
import random
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_FIRST_SECONDS = 0.2
"""The longest wait after a first failure."""


class WorkQueue(Generic[K]):
    """A work queue like client-go's; all its times are those of the event loop's clock."""

    def __init__(self) -> None:
        """Start empty."""
        self._fresh: deque[K] = deque()
        self._backlog: deque[K] = deque()
        self._waiting: dict[K, bool] = {}
        """Keys to be handed out; True if they belong to the backlog."""
        self._busy: set[K] = set()
        self._again: dict[K, bool] = {}
        """Keys that came again while a worker had them."""
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._ready = asyncio.Semaphore(0)

    def __len__(self) -> int:
        """Return how many keys wait for a worker."""
        return len(self._waiting)

    def add(self, key: K, *, backlog: bool = False) -> None:
        """Hand `key` to a worker; one in the backlog comes after all fresh ones."""
        if key in self._busy:
            self._again[key] = backlog and self._again.get(key, True)
            return
        if timer := self._timers.pop(key, None):
            timer.cancel()
        queued = self._waiting.get(key)
        if queued is None or (queued and not backlog):
            self._waiting[key] = backlog
            (self._backlog if backlog else self._fresh).append(key)
            self._ready.release()

    def add_after(self, key: K, seconds: float, *, backlog: bool = True) -> None:
        """Add `key` after some time, by default to the backlog, unless it is added before."""
        loop = asyncio.get_running_loop()
        if timer := self._timers.pop(key, None):
            timer.cancel()
        self._timers[key] = loop.call_later(seconds, self._due, key, backlog)

    def retry(self, key: K, most: float, at_least: float = 0.0) -> float:
        """Add `key` after a time that doubles with each failure, up to `most` seconds; return it.

        The time is drawn from its upper half, so that what failed together is not tried together.
        """
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        seconds = min(most, _FIRST_SECONDS * 2.0 ** min(failures, 20))
        seconds = max(at_least, seconds * random.uniform(0.5, 1))  # noqa: S311 - not for secrets
        # What fails again and again must not go before what was never tried.
        self.add_after(key, seconds)
        return seconds

    def failures(self, key: K) -> int:
        """Return how often `key` has failed in a row."""
        return self._failures.get(key, 0)

    def forget(self, key: K) -> None:
        """Count failures of `key` from the beginning."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """Return the next key, which is the caller's until `done`."""
        while True:
            await self._ready.acquire()
            for queue, backlog in ((self._fresh, False), (self._backlog, True)):
                while queue:
                    key = queue.popleft()
                    if self._waiting.get(key) is backlog:
                        del self._waiting[key]
                        self._busy.add(key)
                        return key

    def done(self, key: K) -> None:
        """Give a key back; if it came again meanwhile, it is handed out again."""
        self._busy.discard(key)
        if (backlog := self._again.pop(key, None)) is not None:
            self.add(key, backlog=backlog)

    def clear(self) -> None:
        """Forget everything but the keys that workers have."""
        for timer in self._timers.values():
            timer.cancel()
        for part in (self._fresh, self._backlog, self._waiting, self._again, self._timers):
            part.clear()
        self._failures.clear()

    def _due(self, key: K, backlog: bool) -> None:  # noqa: FBT001 - a timer passes no names
        self._timers.pop(key, None)
        self.add(key, backlog=backlog)
