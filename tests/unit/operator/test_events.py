"""What is sent, in which order, and what waits for sites."""

import asyncio
from typing import Any

import pytest

from kubia.manifests.site_source import Source
from kubia.manifests.values import Object
from kubia.operator import events
from kubia.operator.events import Recorder

_SOURCE = Source(
    "shop", "hello", "uid", 1, "", deleting=False, content_name="", former_name="", has_index=True
)


class _Api:
    """Remembers what is applied."""

    def __init__(self) -> None:
        self.applied: list[Object] = []
        self.received = asyncio.Semaphore(0)

    async def apply(self, _path: str, manifest: Object) -> Object:
        self.applied.append(manifest)
        self.received.release()
        return manifest


async def _sent(recorder: Recorder, api: _Api, count: int) -> list[str]:
    sending = asyncio.create_task(recorder.run())
    async with asyncio.timeout(5):
        for _ in range(count):
            await api.received.acquire()
    sending.cancel()
    return [event["reason"] for event in api.applied]


def _recorder(api: Any, *, busy: bool) -> Recorder:
    return Recorder(api, busy=lambda: busy, yield_seconds=1)


def test_warnings_are_sent_before_what_was_done() -> None:
    async def send() -> list[str]:
        api = _Api()
        recorder = _recorder(api, busy=False)
        recorder.normal(_SOURCE, "Applied", "one")
        recorder.normal(_SOURCE, "Applied", "two")
        recorder.warning(_SOURCE, "Invalid", "three")
        return await _sent(recorder, api, 3)

    assert asyncio.run(send()) == ["Invalid", "Applied", "Applied"]


@pytest.mark.parametrize(("kind", "waits"), [("normal", True), ("warning", False)])
def test_while_sites_wait_only_what_was_done_waits_too(kind: str, *, waits: bool) -> None:
    async def send(*, busy: bool) -> float:
        api = _Api()
        recorder = _recorder(api, busy=busy)
        getattr(recorder, kind)(_SOURCE, "Reason", "message")
        began = asyncio.get_running_loop().time()
        await _sent(recorder, api, 1)
        return asyncio.get_running_loop().time() - began

    assert (asyncio.run(send(busy=True)) >= 1) is waits
    assert asyncio.run(send(busy=False)) < 1


def test_a_warning_is_not_sent_again_too_soon_however_many_sites_are_refused() -> None:
    number = 9000

    async def send() -> list[str]:
        api = _Api()
        recorder = _recorder(api, busy=False)
        sending = asyncio.create_task(recorder.run())
        for _ in range(3):
            for each in range(number):
                recorder.warning(_SOURCE._replace(uid=f"{each}"), "Invalid", "one")
            await asyncio.sleep(0)  # In which all of them are sent.
        sending.cancel()
        return [event["metadata"]["name"] for event in api.applied]

    names = asyncio.run(send())
    assert len(names) == len(set(names)) == number


def test_what_was_sent_last_is_forgotten_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_REMEMBERED", 2)

    async def send() -> list[int]:
        api = _Api()
        recorder = _recorder(api, busy=False)
        for text in ("a", "b", "a", "c", "a"):
            recorder.normal(_SOURCE, "Applied", text)
        await _sent(recorder, api, 5)
        return [event["count"] for event in api.applied]

    assert asyncio.run(send()) == [1, 1, 2, 1, 3]
