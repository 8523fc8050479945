"""One kind of object in one namespace, or in all: a list, then a watch from where it ended.

A watch that ends is taken up from the last version seen. Only when the server no longer has that
version (410) is the list read again; what is missing from it was deleted meanwhile.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import NoReturn

from kubia.manifests.values import Object
from kubia.operator import metrics
from kubia.operator.api import (
    CONFIG_MAP,
    GONE,
    Api,
    ApiError,
    Failure,
    Resource,
)
from kubia.operator.store import SiteKey, Store

_log = logging.getLogger(__name__)

SILENCE_SECONDS = 70.0
"""A watch without a word for so long is dead; the server sends a bookmark about every minute."""
_WATCH_SECONDS = (240, 480)
"""The server ends a watch after a time drawn from here, so that not all end together."""
_PAUSE_SECONDS = (0.2, 30.0)
"""The first and the longest pause after a failure."""
_PAGES = {CONFIG_MAP: 50}
"""Objects a page: a source may be 1 MiB, and a whole page is in memory at once."""
_PAGE = 100


class Reflector:
    """Keeps the store up to date about one kind of object."""

    def __init__(
        self,
        api: Api,
        store: Store,
        resource: Resource,
        *,
        namespace: str,
        selector: str,
        changed: Callable[[SiteKey], None],
    ) -> None:
        """Prepare; `run` begins. ``changed`` gets each site that must be looked at again."""
        self.name = f"{namespace or 'all namespaces'}/{resource.plural} {selector}"
        self.synced = asyncio.Event()
        self.started = False
        self.heard = asyncio.get_running_loop().time()
        """When the server last said anything, be it a refusal."""
        self._api = api
        self._store = store
        self._resource = resource
        self._namespace = namespace
        self._selector = selector
        self._changed = changed
        self._version = ""
        self._failures = 0

    async def run(self) -> None:
        """List and watch for ever."""
        self.started = True
        self._hear()
        while True:
            began = self.heard
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except Failure as err:
                self._failed(err)
            if self.heard == began or self._failures:
                await self._pause()

    def _failed(self, err: Exception) -> None:
        expired = isinstance(err, ApiError) and err.status == GONE
        if expired:
            self._version = ""
        if not isinstance(err, TimeoutError):
            self._hear()
        self._failures += 1
        metrics.STREAM_ERRORS.labels(self._resource.plural).inc()
        level = logging.INFO if expired or self._failures == 1 else logging.WARNING
        _log.log(level, "watch failed", extra={"stream": self.name, "error": str(err) or repr(err)})

    async def _pause(self) -> None:
        first, longest = _PAUSE_SECONDS
        seconds = min(longest, first * 2.0 ** min(self._failures, 20))
        await asyncio.sleep(seconds * random.uniform(0.5, 1))  # noqa: S311 - not for secrets

    async def _list(self) -> None:
        seen = set()
        size = _PAGES.get(self._resource, _PAGE)
        page: Object = {}
        async for page in self._api.pages(self._resource, self._namespace, self._selector, size):
            self._hear()
            for item in page.pop("items") or ():
                metadata = item["metadata"]
                seen.add((metadata["namespace"], metadata["name"]))
                self._tell(self._store.put(self._resource, item))
            await asyncio.sleep(0)
        version = page["metadata"]["resourceVersion"]
        for namespace, name in self._store.known(self._resource, self._namespace):
            if (namespace, name) not in seen:
                self._tell(self._store.drop(self._resource, namespace, name, int(version)))
        self._version = version
        self._failures = 0
        self.synced.set()

    async def _watch(self) -> None:
        params = {
            "labelSelector": self._selector,
            "resourceVersion": self._version,
            "timeoutSeconds": str(random.randint(*_WATCH_SECONDS)),  # noqa: S311 - not for secrets
        }
        async for event in self._api.watch(
            self._resource, self._namespace, params, SILENCE_SECONDS, self._hear
        ):
            self._hear()
            self._take(event["type"], event["object"])

    def _take(self, kind: str, live: Object) -> None:
        if kind == "ERROR":
            _refused(live)
        self._failures = 0
        metadata = live["metadata"]
        if kind == "DELETED":
            place = (metadata["namespace"], metadata["name"], int(metadata["resourceVersion"]))
            self._tell(self._store.drop(self._resource, *place))
        elif kind != "BOOKMARK":
            self._tell(self._store.put(self._resource, live))
        self._version = metadata["resourceVersion"]

    def _tell(self, key: SiteKey | None) -> None:
        if key is not None:
            self._changed(key)

    def _hear(self) -> None:
        self.heard = asyncio.get_running_loop().time()


def _refused(status: Object) -> NoReturn:
    raise ApiError(int(status.get("code") or 500), status)
