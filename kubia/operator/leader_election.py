"""Which replica leads: a Lease, held for 15 s and renewed every 2 s, as client-go does it.

Another's lease has run out when it has not *changed* for its duration, by this process's monotonic
clock: the times written in it are for people, and no two clocks need agree. The leader stops
writing 10 s after its last renewal began, 5 s before anybody else may start.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable

from kubia.manifests.values import Object
from kubia.operator import metrics
from kubia.operator.api import LEASE, NOT_FOUND, Api, ApiError, Failure

_log = logging.getLogger(__name__)

DURATION_SECONDS = 15
"""For how long a lease that is not renewed keeps others from leading."""
DEADLINE_SECONDS = 10.0
"""How long after its last renewal began the leader may still write."""
RENEW_SECONDS = 2.0
"""How often the leader renews its lease."""
_ATTEMPT_SECONDS = 5.0
"""How long one attempt to take or renew it may last."""
_STANDBY_SECONDS = 1.0
"""How often others try: a lease that was given up passes on in about that time."""
_PATIENCE_SECONDS = 60.0
"""How long attempts may fail before that is a warning: longer than an API server's restart."""


class LeaderElection:
    """Takes part in the election of one leader."""

    def __init__(
        self,
        api: Api,
        *,
        namespace: str,
        name: str,
        identity: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `identity` must be another one in every process."""
        self._api = api
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._clock = clock
        self._renewed = float("-inf")
        self._failing_since: float | None = None
        self._seen: tuple[str, float] = ("", 0.0)
        """The foreign lease's version, and when it was first seen."""

    def leads(self) -> bool:
        """Return whether this process may write right now."""
        return self._clock() - self._renewed < DEADLINE_SECONDS

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Wait for the lease, run `lead` while it is held, and so on; give it up at the end."""
        try:
            while True:
                while not await self._attempt():  # noqa: ASYNC110 - it changes in the cluster
                    await asyncio.sleep(_STANDBY_SECONDS)
                await self._lead(lead)
        finally:
            with contextlib.suppress(*Failure):
                await asyncio.wait_for(self._release(), RENEW_SECONDS / 2)

    async def _lead(self, lead: Callable[[], Awaitable[None]]) -> None:
        _log.info("leading", extra={"identity": self._identity})
        metrics.LEADER.set(1)
        leading = asyncio.ensure_future(lead())
        try:
            while self.leads() and not leading.done():
                await asyncio.wait([leading], timeout=RENEW_SECONDS)
                await self._attempt()
        finally:
            metrics.LEADER.set(0)
            leading.cancel()
            await asyncio.wait([leading])
        if not leading.cancelled():
            leading.result()
        _log.warning("no longer leading", extra={"identity": self._identity})

    async def _attempt(self) -> bool:
        """Take or renew the lease; return whether this process leads."""
        began = self._clock()
        try:
            held = await asyncio.wait_for(self._take(), _ATTEMPT_SECONDS)
        except Failure as error:
            self._failing_since = began if self._failing_since is None else self._failing_since
            is_long = began - self._failing_since >= _PATIENCE_SECONDS
            level = logging.WARNING if is_long else logging.INFO
            _log.log(level, "lease not renewed", extra={"error": str(error) or repr(error)})
            return self.leads()
        self._failing_since = None
        self._renewed = began if held else float("-inf")
        return held

    async def _take(self) -> bool:
        try:
            lease = await self._api.get(LEASE.path(self._namespace, self._name))
        except ApiError as error:
            if error.status != NOT_FOUND:
                raise
            await self._api.write("POST", LEASE.path(self._namespace), self._lease({}, {}))
            return True
        if not self._may_take(lease):
            return False
        new = self._lease(lease["metadata"], lease.get("spec") or {})
        await self._api.write("PUT", LEASE.path(self._namespace, self._name), new)
        return True

    def _may_take(self, lease: Object) -> bool:
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        if holder in {"", self._identity}:
            return True
        version, since = self._seen
        if version != lease["metadata"]["resourceVersion"]:
            self._seen = (lease["metadata"]["resourceVersion"], self._clock())
            return False
        return self._clock() - since >= (spec.get("leaseDurationSeconds") or DURATION_SECONDS)

    def _lease(self, metadata: Object, spec: Object) -> Object:
        now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
        same = spec.get("holderIdentity") == self._identity
        changes = spec.get("leaseTransitions") or 0
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": LEASE.kind,
            "metadata": {**metadata, "name": self._name, "namespace": self._namespace},
            "spec": {
                "holderIdentity": self._identity,
                "leaseDurationSeconds": DURATION_SECONDS,
                "acquireTime": spec.get("acquireTime") if same else now,
                "renewTime": now,
                "leaseTransitions": changes if same or not spec else changes + 1,
            },
        }

    async def _release(self) -> None:
        """Let another replica take over at once."""
        if not self.leads():
            return
        self._renewed = float("-inf")
        path = LEASE.path(self._namespace, self._name)
        lease = await self._api.get(path)
        if lease["spec"].get("holderIdentity") == self._identity:
            spec = {**lease["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
            await self._api.write("PUT", path, {**lease, "spec": spec})
            _log.info("lease given up", extra={"identity": self._identity})
