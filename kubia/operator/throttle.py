"""When a Deployment that differs may be changed: not too often, and not too many at once.

New content goes out at once, however many sites get some, but a storm of changes to one site must
not become a storm of rollouts. What changes sites without new content, above all a new version or
other settings of the operator, goes a few sites at a time, the next ones when those are up.
"""

import asyncio

from kubia.manifests.site_source import Source
from kubia.operator.api import DEPLOYMENT
from kubia.operator.model import ChildId, SiteKey, fingerprint, mounts
from kubia.operator.store import Store

ROLL_SECONDS = 2.0
"""The least time between two rollouts of a site; the first change is never held up."""
MAX_ROLLOUTS = 10
"""How many sites may roll at once without new content."""
_MAX_ROLLOUT_SECONDS = 60.0
"""For how long a site counts as rolling: one that is paused, say, must not stop the others."""


class Throttle:
    """Remembers which sites have rolled of late."""

    def __init__(self, store: Store) -> None:
        """Start with none."""
        self._store = store
        self._recent: set[SiteKey] = set()
        self._rolling: dict[ChildId, asyncio.TimerHandle] = {}
        """Deployments that roll without new content, each until its time is up."""

    def must_wait(self, key: SiteKey, source: Source) -> bool:
        """Return whether the site's Deployment must be changed, but not yet."""
        child_id = ChildId(DEPLOYMENT, source.namespace, source.site)
        child = self._store.children.get(child_id)
        if child is None or child.satisfies == fingerprint(DEPLOYMENT, source):
            return False
        return key in self._recent or (mounts(child, source) and not self._admits(child_id))

    def record(self, key: SiteKey) -> None:
        """Note that the site's Deployment was changed."""
        self._recent.add(key)
        asyncio.get_running_loop().call_later(ROLL_SECONDS, self._recent.discard, key)

    def give_up(self, child_id: ChildId) -> None:
        """Let another Deployment roll in the place of this one, if it has one."""
        if timer := self._rolling.pop(child_id, None):
            timer.cancel()

    def _admits(self, child_id: ChildId) -> bool:
        """Return whether a Deployment is among the few that may roll; admit it if there is room."""
        for each in list(self._rolling):
            child = self._store.children.get(each)
            if child is None or child.trouble or (child.satisfies and child.settled):
                self.give_up(each)
        if child_id not in self._rolling and len(self._rolling) < MAX_ROLLOUTS:
            loop = asyncio.get_running_loop()
            self._rolling[child_id] = loop.call_later(_MAX_ROLLOUT_SECONDS, self.give_up, child_id)
        return child_id in self._rolling
