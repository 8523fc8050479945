"""The queue of keys: each once, never two workers on one, fresh before backlog."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from kubia.operator.workqueue import WorkQueue


def _run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 5))


def test_duplicates_are_merged() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        for key in "aaba":
            queue.add(key)
        assert [await queue.get(), await queue.get()] == ["a", "b"]
        assert len(queue) == 0

    _run(test())


def test_key_of_a_worker_is_handed_out_again_only_when_it_is_done() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add("a")
        assert await queue.get() == "a"
        queue.add("a")
        assert len(queue) == 0
        queue.done("a")
        assert await queue.get() == "a"

    _run(test())


def test_fresh_keys_come_before_the_backlog() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        for key in "abc":
            queue.add(key, backlog=True)
        queue.add("x")
        queue.add("c")
        assert [await queue.get() for _ in range(4)] == ["x", "c", "a", "b"]

    _run(test())


def test_retries_wait_longer_each_time_until_the_most() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        waits = [queue.retry("a", most=10) for _ in range(12)]
        assert 0.1 <= waits[0] <= 0.2
        assert 0.4 <= waits[2] <= 0.8
        assert all(5 <= wait <= 10 for wait in waits[7:])
        queue.forget("a")
        assert queue.retry("a", most=10) <= 0.2
        assert queue.retry("b", most=10, at_least=7) == 7
        queue.clear()

    _run(test())


def test_change_does_not_wait_for_the_retry() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add_after("a", 60)
        queue.add("a")
        assert await queue.get() == "a"

    _run(test())


def test_what_is_tried_again_does_not_come_before_what_was_never_tried() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.retry("a", most=0.01)
        queue.add_after("b", 0)
        queue.add("c", backlog=True)
        await asyncio.sleep(0.05)
        queue.add("d")
        keys = [await queue.get() for _ in range(4)]
        assert keys[:2] == ["d", "c"]
        assert sorted(keys[2:]) == ["a", "b"]

    _run(test())


def test_delayed_key_comes_when_it_is_due() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add_after("a", 0.01)
        assert await queue.get() == "a"

    _run(test())
