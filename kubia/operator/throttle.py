"""When a Deployment that differs may be changed: not too often, and not too many at once.

New content goes out at once, however many sites get some, but a storm of changes to one site must
not become a storm of roll-outs. What changes sites without new content, above all a new version or
other settings of the operator, goes a few sites at a time, the next ones when those are up.
"""

import asyncio

from kubia.manifests.site_source import Source
from kubia.operator.api import DEPLOYMENT
from kubia.operator.store import ChildId, SiteKey, Store, stamp

ROLL_SECONDS = 2.0
"""The least time between two roll-outs of a site; the first change is never held up."""
PLACES = 10
"""How many sites may roll at once without new content."""
_PLACE_SECONDS = 60.0
"""How long a site keeps its place at most: one that is paused, say, must not stop the others."""


class Throttle:
    """Remembers which sites were rolled of late."""

    def __init__(self, store: Store) -> None:
        """Start with none."""
        self._store = store
        self._rolled: set[SiteKey] = set()
        self._places: set[ChildId] = set()

    def holds(self, key: SiteKey, source: Source) -> bool:
        """Return whether the site's Deployment must be changed, but not yet."""
        child_id = ChildId(DEPLOYMENT, source.namespace, source.site)
        child = self._store.children.get(child_id)
        if child is None or child.fit == stamp(DEPLOYMENT, source):
            return False
        same_content = child.mounted == source.copy
        return key in self._rolled or (same_content and not self._takes_place(child_id))

    def rolled(self, key: SiteKey) -> None:
        """Note that the site's Deployment was changed."""
        self._rolled.add(key)
        asyncio.get_running_loop().call_later(ROLL_SECONDS, self._rolled.discard, key)

    def _takes_place(self, child_id: ChildId) -> bool:
        for each in list(self._places):
            child = self._store.children.get(each)
            if child is None or child.trouble or (child.fit and child.settled):
                self._places.discard(each)
        if child_id not in self._places and len(self._places) < PLACES:
            self._places.add(child_id)
            asyncio.get_running_loop().call_later(_PLACE_SECONDS, self._places.discard, child_id)
        return child_id in self._places
