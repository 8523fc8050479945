"""How many sites a namespace may have: who has one keeps it, and the oldest that waits is next.

Each decision takes the same time, however many sites there are; only the first one after a list
goes through all of them.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable

from kubia.manifests.site_source import Source
from kubia.operator.api import DEPLOYMENT
from kubia.operator.errors import RefusedError
from kubia.operator.model import ChildId, SiteKey
from kubia.operator.store import Store

_SPARE = 100
"""How many that no longer wait a heap may have before it is made anew, besides as many as wait."""


class SiteLimit:
    """Gives a namespace's places to its sources."""

    def __init__(self, store: Store, limit: int | None, wake: Callable[[SiteKey], None]) -> None:
        """Prepare; no limit stands for any number. `wake` gets whoever has a place from now on."""
        self._store = store
        self._limit = limit
        self._wake = wake
        self._is_filled = False
        self._placed: defaultdict[str, set[SiteKey]] = defaultdict(set)
        self._waiting: defaultdict[str, list[tuple[str, SiteKey]]] = defaultdict(list)
        """A heap of each namespace, by age; what no longer waits is skipped."""
        self._in_line: defaultdict[str, dict[SiteKey, str]] = defaultdict(dict)
        """Who waits in each namespace, with the age by which the heap has him."""

    def reset(self) -> None:
        """Begin anew, as what is known has changed without reconciles."""
        self._is_filled = False
        for part in (self._placed, self._waiting, self._in_line):
            part.clear()

    def refuse(self, key: SiteKey, source: Source) -> None:
        """Take a place for a source, or refuse it.

        Raises:
            RefusedError: there is none, with the reason LimitReached.

        """
        if self._limit is None:
            return
        if not self._is_filled:
            self._fill()
        placed = self._placed[key.namespace]
        if key in placed or self._has_site(key, source) or len(placed) < self._limit:
            placed.add(key)
            self._in_line[key.namespace].pop(key, None)
            return
        if self._in_line[key.namespace].get(key) != source.created:
            self._line_up(key, source.created)
        problem = (
            f"namespace {key.namespace} has {len(placed)} sites, and the operator allows "
            f"{self._limit}; remove one, or have the operator's limit raised"
        )
        raise RefusedError([problem], reason="LimitReached")

    def release(self, key: SiteKey) -> None:
        """Free the place of a site that is gone, and wake the oldest that waits for one."""
        if self._limit is None:
            return
        placed = self._placed[key.namespace]
        placed.discard(key)
        waiting, in_line = self._waiting[key.namespace], self._in_line[key.namespace]
        in_line.pop(key, None)
        while waiting and len(placed) < self._limit:
            created, following = heapq.heappop(waiting)
            if in_line.get(following) != created:
                continue
            # One that cannot have it leaves the line, and lines up again when it can.
            del in_line[following]
            source = self._store.sources.get(following)
            if source is not None and _can_have(source):
                placed.add(following)
                self._wake(following)

    def pass_on(self, key: SiteKey, source: Source) -> None:
        """Free the place of a source that can have no site as it is, unless it has one already."""
        if not self._has_site(key, source):
            self.release(key)

    def _line_up(self, key: SiteKey, created: str) -> None:
        waiting, in_line = self._waiting[key.namespace], self._in_line[key.namespace]
        in_line[key] = created
        heapq.heappush(waiting, (created, key))
        if len(waiting) > 2 * len(in_line) + _SPARE:
            waiting[:] = [(age, each) for each, age in in_line.items()]
            heapq.heapify(waiting)

    def _fill(self) -> None:
        self._is_filled = True
        by_age = sorted(self._store.sources.items(), key=lambda item: (item[1].created, item[0]))
        for key, source in by_age:
            if self._has_site(key, source):
                self._placed[key.namespace].add(key)
        for key, source in by_age:
            placed = self._placed[key.namespace]
            if _can_have(source) and self._limit and len(placed) < self._limit:
                placed.add(key)

    def _has_site(self, key: SiteKey, source: Source) -> bool:
        child = self._store.children.get(ChildId(DEPLOYMENT, key.namespace, source.site))
        return child is not None and child.key == key and child.applied


def _can_have(source: Source) -> bool:
    """Return whether a site can be made of a source; of one that is being deleted, none is."""
    return not source.problems and not source.deleting
