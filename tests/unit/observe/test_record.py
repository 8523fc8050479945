"""kubia.observe.record: what was seen of a release, as the series that are drawn."""

import pytest

from kubia.live.replica_sets import PodGroup
from kubia.observe import record
from kubia.observe.record import PodSample, PodState, Record
from tests.unit import seen


def group(deployment: str, version: str, *, desired: int, ready: int) -> PodGroup:
    """Return the newest pods of a Deployment."""
    return PodGroup(deployment, version, True, desired, desired, ready, 0)  # noqa: FBT003 - of two, the newest


def test_requests_are_counted_by_second_and_version_and_failures_apart() -> None:
    rates = record.rates(seen.rollout())

    assert rates.edges == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9.9]
    assert rates.answered == {
        "v1": [10, 10, 10, 10, 9, 0, 0, 0, 0],
        "v2": [0, 0, 0, 0, 0, 10, 10, 9, pytest.approx(20 / 1.9)],
    }
    assert rates.failed == [0, 0, 0, 0, 1, 0, 0, 1, 0]


def test_a_long_release_has_no_more_columns_and_the_same_requests() -> None:
    what = seen.rollout()
    what.marks.append(record.Mark(600.0, "failed"))

    rates = record.rates(what)

    assert len(rates.failed) == record.COLUMNS
    width = rates.edges[1]
    assert width == 5
    assert sum(rates.failed) * width == pytest.approx(2)
    assert sum(map(sum, rates.answered.values())) * width == pytest.approx(98)


def test_pods_are_counted_by_version_and_state_of_what_changed_alone() -> None:
    pods = record.pods(seen.rollout())

    assert pods.edges == [0, 2, 4, 9, 9.9]
    assert pods.counts == {
        PodState("v1", "ready"): [2, 2, 0, 0],
        PodState("v1", "going"): [0, 0, 2, 0],
        PodState("v2", "ready"): [0, 0, 2, 2],
        PodState("v2", "not ready"): [0, 1, 0, 0],
    }


def test_where_nothing_changed_all_pods_are_shown() -> None:
    still = Record(pod_samples=[PodSample(0.1, (seen.SITE,)), PodSample(0.6, (seen.SITE,))])

    assert record.pods(still).counts == {PodState("1.31", "ready"): [1, 1]}


def test_versions_come_oldest_first_whatever_order_they_answer_in() -> None:
    assert record.versions(seen.rollout()) == ["v1", "v2"]


def test_a_canary_and_the_stable_version_are_told_apart() -> None:
    stable = group("web", "v1", desired=3, ready=3)
    canary = group("web-canary", "v2", desired=1, ready=0)
    what = Record(pod_samples=[PodSample(0.1, (stable,)), PodSample(0.6, (stable, canary))])

    assert record.pods(what).counts == {PodState("v2", "not ready"): [0, 1]}
