"""A reflector's patience, on a clock that is wound forward."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import looptime

from kubia.manifests.site_source import SiteOptions
from kubia.manifests.values import Object
from kubia.operator.api import CONFIG_MAP, SERVICE, Resource
from kubia.operator.reflector import SILENCE_SECONDS, Reflector
from kubia.operator.store import Store

_OUTAGE_SECONDS = 300.0
_LONGEST_PAUSE = 30.0


class _Unreachable:
    """An API server that cannot be reached for five minutes."""

    def __init__(self) -> None:
        self.tries: list[float] = []
        self.size = 0

    async def pages(self, *args: Any) -> AsyncIterator[Object]:
        self.size = args[-1]
        now = asyncio.get_running_loop().time()
        self.tries.append(now)
        if now < _OUTAGE_SECONDS:
            raise aiohttp.ClientConnectionError
        yield {"metadata": {"resourceVersion": "1"}, "items": []}

    async def watch(self, *_args: Any) -> AsyncIterator[Object]:
        await asyncio.Event().wait()
        yield {}


def reflecting(server: Any, resource: Resource = SERVICE) -> Reflector:
    """Return a reflector of a namespace's objects, of which nobody is told."""
    return Reflector(
        server,
        Store(SiteOptions()),
        resource,
        namespace="web",
        selector="a=b",
        changed=lambda _key: None,
    )


def test_fault_30_api_server_unreachable_for_five_minutes() -> None:
    server = _Unreachable()

    async def test() -> float:
        reflector = reflecting(server)
        running = asyncio.create_task(reflector.run())
        await reflector.synced.wait()
        running.cancel()
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(start=0)) as runner:
        synced = runner.run(test())

    assert _OUTAGE_SECONDS <= synced <= _OUTAGE_SECONDS + _LONGEST_PAUSE
    pauses = [b - a for a, b in zip(server.tries, server.tries[1:], strict=False)]
    assert len(pauses) < 40  # Not in a hurry,
    assert max(pauses) < SILENCE_SECONDS  # and never so long that the probe finds it dead.


class _Ending(_Unreachable):
    """An API server whose watches end at once, for five minutes."""

    async def pages(self, *_args: Any) -> AsyncIterator[Object]:
        yield {"metadata": {"resourceVersion": "1"}, "items": []}

    async def watch(self, *args: Any) -> AsyncIterator[Object]:
        now = asyncio.get_running_loop().time()
        self.tries.append(now)
        await asyncio.sleep(0.001)
        args[-1]()
        if now > _OUTAGE_SECONDS:
            await asyncio.Event().wait()
            yield {}


def test_watches_that_end_at_once_are_not_opened_in_a_hurry() -> None:
    server = _Ending()

    async def test() -> None:
        reflector = reflecting(server)
        running = asyncio.create_task(reflector.run())
        await asyncio.sleep(2 * _OUTAGE_SECONDS)
        running.cancel()

    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(start=0)) as runner:
        runner.run(test())

    assert len(server.tries) < 40
    assert server.tries[-1] <= _OUTAGE_SECONDS + _LONGEST_PAUSE


def test_a_page_of_the_largest_sources_fits_in_memory() -> None:
    server = _Unreachable()

    async def test() -> None:
        reflector = reflecting(server, CONFIG_MAP)
        running = asyncio.create_task(reflector.run())
        await asyncio.sleep(1)
        running.cancel()

    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(start=0)) as runner:
        runner.run(test())

    decoded, raw, limit, at_rest = 4 * 2**20, 2**20, 192 * 2**20, 64 * 2**20
    assert 2 * server.size * (decoded + raw) <= limit - at_rest
