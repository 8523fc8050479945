"""kubia.releases.release: how a release is written, and which one a rollback goes back to."""

import dataclasses

import pytest

from kubia.releases import release
from tests.unit.releasing import release as a_release


def test_a_release_is_written_the_same_each_time_and_read_back() -> None:
    one = dataclasses.replace(a_release(3), diff=("~ a",), rolled_back_to=1)

    assert release.encode(one) == release.encode(one)
    assert release.decode(release.encode(one)) == one


@pytest.mark.parametrize(
    ("outcomes", "back"),
    [
        (["deployed"], None),
        (["deployed", "deployed"], 1),
        (["deployed", "failed"], 1),
        (["deployed", "failed", "deployed"], 1),
        (["failed", "failed"], None),
        (["deployed", "deployed", "undone"], 2),
    ],
)
def test_where_a_rollback_goes_by_default(
    outcomes: list[release.Outcome], back: int | None
) -> None:
    releases = [a_release(number, outcome) for number, outcome in enumerate(outcomes, 1)]

    previous = release.previous(releases)

    assert (previous.number if previous else None) == back


def test_a_rollback_passes_over_what_declared_the_same() -> None:
    releases = [a_release(1), a_release(2, digest="x"), a_release(3, digest="x")]

    assert release.previous(releases) == releases[0]
    assert release.previous([]) is None
