"""The election, on a clock of the test's own and a Lease in memory."""

import asyncio
from typing import Any

import pytest

from kubia.operator.api import Api, ApiError
from kubia.operator.leader_election import DEADLINE_SECONDS, DURATION_SECONDS, LeaderElection


class _Leases:
    """Just enough of the API for one Lease, with optimistic locking."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.broken = False

    async def get(self, _path: str) -> dict[str, Any]:
        if self.broken:
            raise TimeoutError
        if self.lease is None:
            raise ApiError(404, {})
        return self.lease

    async def write(self, _method: str, _path: str, body: dict[str, Any]) -> dict[str, Any]:
        current = self.lease["metadata"]["resourceVersion"] if self.lease else None
        if body["metadata"].get("resourceVersion") != current:
            raise ApiError(409, {"reason": "Conflict"})
        version = str(int(current or 0) + 1)
        self.lease = {**body, "metadata": {**body["metadata"], "resourceVersion": version}}
        return self.lease


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name="leases")
def _leases() -> _Leases:
    return _Leases()


def _election(leases: Any, identity: str, clock: _Clock) -> LeaderElection:
    api: Api = leases
    return LeaderElection(api, namespace="n", name="l", identity=identity, clock=clock)


def _attempt(election: LeaderElection) -> bool:
    return asyncio.run(election._attempt())  # noqa: SLF001 - one step of the loop


def test_first_takes_it_and_second_waits(leases: _Leases) -> None:
    clock = _Clock()
    first, second = _election(leases, "a", clock), _election(leases, "b", clock)

    assert _attempt(first)
    assert not _attempt(second)
    assert first.leads()
    assert not second.leads()


def test_lease_that_does_not_change_for_its_duration_is_taken(leases: _Leases) -> None:
    clock = _Clock()
    first, second = _election(leases, "a", clock), _election(leases, "b", clock)
    _attempt(first)
    _attempt(second)

    clock.now += DURATION_SECONDS - 1
    assert not _attempt(second)
    clock.now += 1
    assert _attempt(second)
    assert not _attempt(first)


def test_lease_that_is_renewed_is_not_taken_however_late_it_is(leases: _Leases) -> None:
    clock = _Clock()
    first, second = _election(leases, "a", clock), _election(leases, "b", clock)
    for _ in range(5):
        assert _attempt(first)
        assert not _attempt(second)
        clock.now += 9


@pytest.mark.parametrize("skew", ["1990-01-01T00:00:00.000000Z", "2090-01-01T00:00:00.000000Z"])
def test_written_times_do_not_matter(leases: _Leases, skew: str) -> None:
    clock = _Clock()
    first, second = _election(leases, "a", clock), _election(leases, "b", clock)
    _attempt(first)
    assert leases.lease
    leases.lease["spec"]["renewTime"] = skew

    assert not _attempt(second)


def test_leader_that_cannot_renew_stops_before_another_may_start(leases: _Leases) -> None:
    clock = _Clock()
    first = _election(leases, "a", clock)
    _attempt(first)
    leases.broken = True

    clock.now += DEADLINE_SECONDS - 0.1
    assert _attempt(first)
    clock.now += 0.2
    assert not _attempt(first)
    assert DEADLINE_SECONDS < DURATION_SECONDS


def test_attempts_that_fail_for_a_minute_are_a_warning(
    leases: _Leases, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    clock = _Clock()
    election = _election(leases, "a", clock)

    levels = []
    for broken, seconds in ((True, 0), (True, 59), (True, 1), (False, 1), (True, 1)):
        leases.broken = broken
        clock.now += seconds
        caplog.clear()
        _attempt(election)
        levels += [r.levelname for r in caplog.records if r.message == "lease not renewed"]

    assert levels == ["INFO", "INFO", "WARNING", "INFO"]


def test_given_up_lease_is_taken_at_once(leases: _Leases) -> None:
    clock = _Clock()
    first, second = _election(leases, "a", clock), _election(leases, "b", clock)
    _attempt(first)

    asyncio.run(first._release())  # noqa: SLF001 - what ends the loop

    assert not first.leads()
    assert _attempt(second)
