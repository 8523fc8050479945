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
from kubia.operator.model import SiteKey
from kubia.operator.store import Store

_log = logging.getLogger(__name__)

SILENCE_SECONDS = 70.0
"""A watch that is silent for so long is dead; the server sends a bookmark about every minute."""
_WATCH_SECONDS = (240, 480)
"""The server ends a watch after a time drawn from here, so that not all end together."""
_BACKOFF_SECONDS = (0.2, 30.0)
"""The first and the longest pause after a failure."""
_SHORT_SECONDS = 1.0
"""A watch that ends sooner, without an event, has failed: it must not be opened without end."""
_PAGE_SIZE = 100
"""Objects a page of a list; the whole page is in memory at once."""
_PAGE_SIZES = {CONFIG_MAP: 10}
"""Those of other sizes: a source may be 1 MiB, and one emoji in it takes four times that."""


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
        """Prepare; `run` begins. `changed` gets each site that must be reconciled."""
        self.name = f"{namespace or 'all namespaces'}/{resource.plural} {selector}"
        self.synced = asyncio.Event()
        self.started = False
        self.last_contact = asyncio.get_running_loop().time()
        """When the server last said anything, be it a refusal; by the loop's clock."""
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
        self._record_contact()
        while True:
            began = self.last_contact
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except Failure as error:
                self._failed(error)
            if self.last_contact == began or self._failures:
                await self._back_off()

    def _failed(self, error: Exception) -> None:
        expired = isinstance(error, ApiError) and error.status == GONE
        if expired:
            self._version = ""
        if not isinstance(error, TimeoutError):
            self._record_contact()
        self._failures += 1
        metrics.WATCH_ERRORS.labels(self._resource.plural).inc()
        level = logging.INFO if expired or self._failures == 1 else logging.WARNING
        _log.log(
            level, "watch failed", extra={"stream": self.name, "error": str(error) or repr(error)}
        )

    async def _back_off(self) -> None:
        first, longest = _BACKOFF_SECONDS
        seconds = min(longest, first * 2.0 ** min(self._failures, 20))
        await asyncio.sleep(seconds * random.uniform(0.5, 1))  # noqa: S311 - not for secrets

    async def _list(self) -> None:
        seen = set()
        size = _PAGE_SIZES.get(self._resource, _PAGE_SIZE)
        page: Object = {}
        async for page in self._api.pages(self._resource, self._namespace, self._selector, size):
            self._record_contact()
            for item in page.pop("items") or ():
                metadata = item["metadata"]
                seen.add((metadata["namespace"], metadata["name"]))
                self._notify(self._store.update(self._resource, item))
            await asyncio.sleep(0)
        version = page["metadata"]["resourceVersion"]
        for namespace, name in self._store.names(self._resource, self._namespace):
            if (namespace, name) not in seen:
                self._notify(self._store.remove(self._resource, namespace, name, int(version)))
        self._version = version
        self._failures = 0
        self.synced.set()

    async def _watch(self) -> None:
        params = {
            "labelSelector": self._selector,
            "resourceVersion": self._version,
            "timeoutSeconds": str(random.randint(*_WATCH_SECONDS)),  # noqa: S311 - not for secrets
        }
        began = asyncio.get_running_loop().time()
        version = self._version
        async for event in self._api.watch(
            self._resource, self._namespace, params, SILENCE_SECONDS, self._record_contact
        ):
            self._record_contact()
            self._handle(event["type"], event["object"])
        lasted = asyncio.get_running_loop().time() - began
        if self._version == version and lasted < _SHORT_SECONDS:
            problem = "the watch ended at once"
            raise ConnectionError(problem)

    def _handle(self, event: str, live: Object) -> None:
        if event == "ERROR":
            _refused(live)
        self._failures = 0
        metadata = live["metadata"]
        if event == "DELETED":
            version = int(metadata["resourceVersion"])
            namespace, name = metadata["namespace"], metadata["name"]
            self._notify(self._store.remove(self._resource, namespace, name, version))
        elif event != "BOOKMARK":
            self._notify(self._store.update(self._resource, live))
        self._version = metadata["resourceVersion"]

    def _notify(self, key: SiteKey | None) -> None:
        if key is not None:
            self._changed(key)

    def _record_contact(self) -> None:
        self.last_contact = asyncio.get_running_loop().time()


def _refused(status: Object) -> NoReturn:
    raise ApiError(int(status.get("code") or 500), status)
