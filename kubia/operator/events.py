"""Events of the user's ConfigMap: what happened, and why a site is not up.

Events are the only thing written about a source. An annotation on it would last longer than the
hour that Events live, but it would be a second writer on an object that somebody declares (Pulumi,
Argo CD), and each write would wake every watcher of it, this operator first.
"""

import asyncio
import datetime as dt
import itertools
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, Protocol

from kubia.manifests.names import digest
from kubia.manifests.site_source import MANAGED_BY
from kubia.manifests.values import Object
from kubia.operator.api import CONFIG_MAP, EVENT, Api, Failure

_log = logging.getLogger(__name__)

_QUIET_SECONDS = 300.0
"""For so long the same Warning is not sent again: a site that is retried fills no event log."""
_YIELD_SECONDS = 0.5
"""How long each event about what was done waits while sites wait for the API server, too."""
_REMEMBERED = 10000
"""How many Events keep their count, and are not sent too soon again: 5 MB at most."""
_PENDING = {"Normal": 5000, "Warning": 10000}
"""How many events may wait before one of this type is only logged."""
_MESSAGE_LENGTH = 1000
"""Characters of a message that are sent."""
_NAME_LENGTH = 200
"""Characters of the ConfigMap's name in the Event's, which ends in a hash."""


class Subject(Protocol):
    """The ConfigMap that an Event is about."""

    @property
    def namespace(self) -> str: ...  # noqa: D102 - as the ConfigMap's own
    @property
    def name(self) -> str: ...  # noqa: D102 - as the ConfigMap's own
    @property
    def uid(self) -> str: ...  # noqa: D102 - as the ConfigMap's own


class _Entry(NamedTuple):
    """An Event that waits: nothing else of the ConfigMap, which may be gone, is kept for it."""

    is_normal: bool
    """Whether it is of type Normal, which waits for the Warnings; otherwise it is one."""
    number: int
    namespace: str
    name: str
    uid: str
    reason: str
    message: str


class _Series(NamedTuple):
    """How often an Event was sent, and when: by the loop's clock and, for the reader, by date."""

    times: int
    last: float
    first: str


class Recorder:
    """Sends Events in the background, one at a time; it never holds up nor fails a site.

    Warnings go first: they are what somebody waits for.
    """

    def __init__(
        self,
        api: Api,
        *,
        busy: Callable[[], bool],
        silent: bool = False,
        yield_seconds: float = _YIELD_SECONDS,
    ) -> None:
        """Prepare; `run` sends. `busy` returns whether sites wait. A silent one only logs."""
        self._api = api
        self._busy = busy
        self._silent = silent
        self._yield_seconds = yield_seconds
        self._numbers = itertools.count()
        self._pending: asyncio.PriorityQueue[_Entry] = asyncio.PriorityQueue()
        self._series: OrderedDict[str, _Series] = OrderedDict()

    def normal(self, source: Subject, reason: str, message: str) -> None:
        """Record what was done."""
        self._record(source, "Normal", reason, message)

    def warning(self, source: Subject, reason: str, message: str) -> None:
        """Record what keeps a site from being as it should be."""
        self._record(source, "Warning", reason, message)

    def _record(self, source: Subject, kind: str, reason: str, message: str) -> None:
        where = {"namespace": source.namespace, "source": source.name, "reason": reason}
        level = logging.INFO if kind == "Normal" else logging.WARNING
        _log.log(level, "site event", extra={**where, "note": message})
        if not self._silent and self._pending.qsize() < _PENDING[kind]:
            about = (source.namespace, source.name, source.uid)
            text = message[:_MESSAGE_LENGTH]
            entry = _Entry(kind == "Normal", next(self._numbers), *about, reason, text)
            self._pending.put_nowait(entry)

    async def run(self) -> None:
        """Send what is recorded, for ever."""
        while True:
            entry = await self._pending.get()
            if entry.is_normal and self._busy():
                await asyncio.sleep(self._yield_seconds)
            event = self._event(entry)
            if event is None:
                continue
            metadata = event["metadata"]
            try:
                await self._api.apply(EVENT.path(metadata["namespace"], metadata["name"]), event)
            except Failure as error:
                _log.info("event not sent", extra={"error": str(error) or repr(error)})

    def _event(self, entry: _Entry) -> Object | None:
        """Return the Event, with its count; None if it was sent a moment ago."""
        hashed = digest([entry.uid, entry.reason, entry.message])
        name = f"{entry.name[:_NAME_LENGTH].rstrip('.-')}.{hashed}"
        date = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        now = asyncio.get_running_loop().time()
        former = self._series.get(name)
        if former and not entry.is_normal and now - former.last < _QUIET_SECONDS:
            return None
        series = _Series(former.times + 1 if former else 1, now, former.first if former else date)
        self._series[name] = series
        self._series.move_to_end(name)
        if len(self._series) > _REMEMBERED:
            self._series.popitem(last=False)
        return {
            "apiVersion": "v1",
            "kind": EVENT.kind,
            "metadata": {"name": name, "namespace": entry.namespace},
            "involvedObject": {
                "apiVersion": "v1",
                "kind": CONFIG_MAP.kind,
                "namespace": entry.namespace,
                "name": entry.name,
                "uid": entry.uid,
            },
            "type": "Normal" if entry.is_normal else "Warning",
            "reason": entry.reason,
            "message": entry.message,
            "source": {"component": MANAGED_BY},
            "reportingComponent": MANAGED_BY,
            "firstTimestamp": series.first,
            "lastTimestamp": date,
            "count": series.times,
        }
