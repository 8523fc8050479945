"""What becomes of a site whose reconciles fail, on a clock that is wound forward."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import looptime
import pytest

from kubia.manifests.values import Object
from kubia.operator.api import DEPLOYMENT, SERVICE, ApiError
from kubia.operator.errors import LaterError, NotLeadingError, RefusedError, StaleError
from kubia.operator.model import SiteKey, mounted_content
from kubia.operator.operator import Operator
from kubia.operator.settings import Settings
from tests.unit.sites import SPACE, Server, Sites, content_name

KEY = SiteKey(SPACE, "hello")
WEBHOOK = 'failed calling webhook "w"'


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on a clock that passes in no time."""
    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(start=0)) as runner:
        runner.run(test)


class _Reconciler:
    """Raises one outcome after the other, the last one for ever."""

    def __init__(self, *outcomes: Exception) -> None:
        self._outcomes = list(outcomes)

    async def reconcile(self, _key: SiteKey) -> None:
        raise self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]


async def _driven(sites: Sites, seconds: float, reconciler: Any = None) -> str:
    """Let an operator lead for some time; return the site's state then."""
    api: Any = sites.server
    operator = Operator(Settings(), api, None)
    operator.store = sites.store
    operator._reconciler = reconciler or sites._reconciler  # noqa: SLF001 - on the same server
    leading = asyncio.create_task(operator._lead())  # noqa: SLF001 - as an election does
    telling = asyncio.create_task(operator._recorder.run())  # noqa: SLF001
    await asyncio.sleep(0)
    operator.queue.add(KEY)
    await asyncio.sleep(seconds)
    states = operator._states()  # noqa: SLF001 - what is measured
    leading.cancel()
    telling.cancel()
    await asyncio.wait([leading, telling])
    (state,) = (name for name, number in states.items() if number)
    return state


def _sites(server: Server | None = None) -> Sites:
    sites = Sites(server)
    sites.source("hello")
    sites.see()
    return sites


@pytest.mark.parametrize(
    ("error", "reason", "text"),
    [
        (
            ApiError(500, {"reason": "InternalError", "message": WEBHOOK}),
            "InternalError",
            f"500 InternalError: {WEBHOOK}",
        ),
        (StaleError("denied: host taken"), "Conflict", "denied: host taken"),
        (StaleError(), "Conflict", "its objects change all the time"),
        (TimeoutError(), "TimeoutError", "TimeoutError()"),
        (KeyError("x"), "Bug", "a mistake of the operator's own: KeyError('x')"),
    ],
)
def test_what_fails_again_and_again_is_told_at_most_every_five_minutes(
    error: Exception, reason: str, text: str
) -> None:
    async def test() -> None:
        sites = _sites()
        assert await _driven(sites, 1, _Reconciler(error)) == "pending"
        assert sites.server.events == []
        assert await _driven(sites, 3600, _Reconciler(error)) == "pending"
        told = sites.server.events
        assert {each[0] for each in told} == {reason}
        assert all(each[1].endswith(f", and is tried again: {text}") for each in told)
        assert 1 <= len(told) <= 12

    run(test())


def test_a_site_whose_service_cannot_be_made_is_not_up() -> None:
    async def test() -> None:
        sites = _sites()
        sites.server.refused = {SERVICE.path(SPACE, "hello"): 503}
        assert await _driven(sites, 3600) == "pending"
        sites.server.refused.clear()
        assert await _driven(sites, 10) == "up"

    run(test())


def test_a_webhooks_conflict_is_told_in_its_words() -> None:
    class _Taken(Server):
        async def apply(self, path: str, body: Object, *, metadata_only: bool = False) -> Object:
            if "/services/" in path:
                raise ApiError(409, {"reason": "Conflict", "message": "denied: host taken"})
            return await super().apply(path, body, metadata_only=metadata_only)

    async def test() -> None:
        sites = _sites(_Taken())
        assert await _driven(sites, 60) == "pending"
        assert ("Conflict", "denied: host taken") in [
            (reason, message.rpartition("again: ")[2]) for reason, message in sites.server.events
        ]

    run(test())


@pytest.mark.parametrize("error", [ApiError(503, {}), StaleError(), LaterError()])
def test_a_site_is_refused_only_as_long_as_it_is(error: Exception) -> None:
    async def test() -> None:
        refused = RefusedError(["x"], reason="Invalid")
        assert await _driven(_sites(), 1, _Reconciler(refused)) == "refused"
        assert await _driven(_sites(), 1, _Reconciler(refused, error)) == "pending"

    run(test())


class _Hanging:
    """Passes one site on to a reconciler, and takes its time for all others."""

    def __init__(self, sites: Sites) -> None:
        self._own = sites._reconciler  # noqa: SLF001 - on the same server

    async def reconcile(self, key: SiteKey) -> None:
        if key == KEY:
            await self._own.reconcile(key)
        else:
            await asyncio.sleep(0.2)


def test_the_last_of_a_storm_of_changes_does_not_wait_for_the_backlog() -> None:
    async def test() -> None:
        sites = _sites()
        api: Any = sites.server
        operator = Operator(Settings(), api, None)
        operator.store = sites.store
        operator._reconciler = _Hanging(sites)  # type: ignore[assignment] # noqa: SLF001
        leading = asyncio.create_task(operator._lead())  # noqa: SLF001 - as an election does
        await asyncio.sleep(0)
        operator.queue.add(KEY)
        await asyncio.sleep(1)
        for number in range(500):
            operator.queue.add(SiteKey(SPACE, str(number)), backlog=True)
        for text in ("first", "last"):
            sites.source("hello", text)
            sites.see()
            operator.queue.add(KEY)
            await asyncio.sleep(1)
        await asyncio.sleep(3)
        leading.cancel()
        await asyncio.wait([leading])
        deployment = sites.server.objects[DEPLOYMENT.path(SPACE, "hello")]
        assert mounted_content(deployment) == content_name("hello", "last")

    run(test())


class _Slow:
    """Takes its time, and remembers what became of it."""

    def __init__(self, seconds: float, error: Exception | None = None) -> None:
        self._seconds = seconds
        self._error = error
        self.ended: list[str] = []

    async def reconcile(self, _key: SiteKey) -> None:
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            self.ended.append("cut")
            raise
        self.ended.append("done")
        if self._error:
            raise self._error


@pytest.mark.parametrize(
    ("seconds", "error", "ended", "takes"),
    [
        (0.3, None, ["done"], 0.3),
        (0.3, NotLeadingError(), ["done"], 0.3),
        (9, None, ["cut"], 0.5),
        (0, None, ["done"], 0),
    ],
)
def test_a_write_under_way_may_end_when_the_operator_stops(
    seconds: float, error: Exception | None, ended: list[str], takes: float
) -> None:
    async def test() -> None:
        api: Any = Server()
        operator = Operator(Settings(), api, None)
        slow = _Slow(seconds, error)
        operator._reconciler = slow  # type: ignore[assignment] # noqa: SLF001 - only that is asked
        leading = asyncio.create_task(operator._lead())  # noqa: SLF001 - as an election does
        await asyncio.sleep(0)
        operator.queue.add(KEY)
        for _ in range(10):
            await asyncio.sleep(0)
        leading.cancel()
        began = asyncio.get_running_loop().time()
        await asyncio.wait([leading])
        assert asyncio.get_running_loop().time() - began == pytest.approx(takes, abs=0.01)
        assert leading.cancelled()
        await asyncio.sleep(10)
        assert slow.ended == ended
        assert len(operator.queue) == 0

    run(test())


def test_a_worker_that_breaks_ends_the_lead() -> None:
    class _Broken(BaseException):
        """What no site may raise."""

    class _Breaking:
        async def reconcile(self, _key: SiteKey) -> None:
            raise _Broken

    async def test() -> None:
        api: Any = Server()
        operator = Operator(Settings(), api, None)
        operator._reconciler = _Breaking()  # type: ignore[assignment] # noqa: SLF001
        leading = asyncio.create_task(operator._lead())  # noqa: SLF001 - as an election does
        await asyncio.sleep(0)
        operator.queue.add(KEY)
        await asyncio.wait([leading], timeout=5)
        assert isinstance(leading.exception(), _Broken)

    run(test())
