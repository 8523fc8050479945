"""kubia.releases.ledger: what serves, where a rollback goes, and what must not come up."""

from dataclasses import replace

import pytest

from kubia.releases import ledger
from kubia.releases.ledger import Ledger
from kubia.releases.release import Outcome, Release
from tests.unit.releasing import release as a_release


def following(history: Ledger) -> int:
    """Return the next number."""
    return history[-1].number + 1 if history else 1


def tried(history: Ledger, version: str, outcome: Outcome = "deployed") -> list[Release]:
    """Return the ledger after an `up` of a version."""
    new = a_release(following(history), "pending", version)
    return ledger.ended(*ledger.begun(history, new), outcome)


def back(history: Ledger, to: int | None = None, outcome: Outcome = "deployed") -> list[Release]:
    """Return the ledger after a rollback."""
    goal = ledger.by_number(history, to) if to else ledger.previous(history)
    assert goal is not None
    leaves = ledger.left(history, goal.digest)
    new = a_release(following(history), "pending", goal.digest)
    new = replace(new, back_to=goal.number, leaves=leaves)
    return ledger.ended(*ledger.begun(history, new), outcome)


def states(history: Ledger) -> list[str]:
    return [item.state for item in history]


def goal(history: Ledger) -> int | None:
    previous = ledger.previous(history)
    return previous.number if previous else None


def released(*versions: str) -> list[Release]:
    history: list[Release] = []
    for version in versions:
        history = tried(history, version)
    return history


@pytest.mark.parametrize(
    ("outcomes", "number"),
    [
        (["deployed"], None),
        (["deployed", "deployed"], 1),
        (["deployed", "failed"], 1),
        (["deployed", "failed", "deployed"], 1),
        (["failed", "failed"], None),
        (["deployed", "deployed", "undone"], 2),
        (["deployed", "deployed", "pending"], 2),
    ],
)
def test_where_a_rollback_goes_by_default(outcomes: list[Outcome], number: int | None) -> None:
    history: list[Release] = []
    for place, outcome in enumerate(outcomes, 1):
        history = tried(history, f"v{place}", outcome)

    assert goal(history) == number


def test_a_rollback_passes_over_what_declared_the_same() -> None:
    assert goal(released("v1", "v2", "v2")) == 1
    assert goal([]) is None


def test_rollbacks_come_to_an_end() -> None:
    history = back(back(released("v1", "v2", "v4")))

    assert [item.digest for item in history] == ["v1", "v2", "v4", "v2", "v1"]
    assert states(history) == [
        "deployed",
        "deployed",
        "rolled back to 2",
        "rolled back to 1",
        "deployed",
    ]
    assert goal(history) is None


def test_a_rollback_over_several_goes_on_from_there() -> None:
    history = back(released("v1", "v2", "v3", "v4"), to=2)

    assert goal(history) == 1
    assert goal(back(history)) is None


def test_a_rollback_does_not_go_forth_when_what_it_went_back_to_is_no_longer_kept() -> None:
    history = back(released("v1", "v2", "v3"), to=1)

    assert goal(tried(history, "v4")) == 4
    assert goal(history) is None
    assert goal(history[1:]) is None
    assert goal(tried(history[1:], "v4")) == 4


def test_a_ledger_from_before_releases_named_what_they_follow_goes_back_to_what_served() -> None:
    history = [replace(item, follows=None) for item in released("v1", "v2")]

    assert goal(history) == 1
    assert goal(tried(history, "v3")) == 2


def test_a_rollback_does_not_go_back_to_what_was_left_under_another_number() -> None:
    history = back(released("v1", "v2", "v1"))

    assert states(history)[2] == "rolled back to 2"
    assert goal(history) is None


def test_what_comes_up_again_on_purpose_is_good_again() -> None:
    history = tried(tried(back(released("v1", "v2")), "v2"), "v3")

    assert goal(history) == 4


def test_a_rollback_that_fails_marks_nothing() -> None:
    history = back(released("v1", "v2", "v3"), to=1, outcome="failed")

    assert states(history) == ["deployed", "deployed", "deployed", "failed"]
    assert goal(history) == 3
    assert ledger.refusal(history, "v3") is None


def test_a_rollback_that_succeeds_at_the_second_try_marks_what_the_first_left() -> None:
    history = back(back(released("v1", "v2"), to=1, outcome="failed"), to=1)

    assert states(history) == ["deployed", "rolled back to 1", "failed", "deployed"]
    assert ledger.refusal(history, "v2") is not None


def test_what_a_killed_rollback_leaves_is_refused_and_the_rollback_goes_on() -> None:
    history = back(released("v1", "v2"), outcome="pending")

    assert states(history) == ["deployed", "deployed", "pending"]
    assert ledger.refusal(history, "v2") == history[1]
    assert ledger.refusal(history, "v1") is None
    assert goal(history) == 1
    assert states(back(history)) == ["deployed", "rolled back to 1", "deployed"]
    assert states(tried(history, "v1")) == ["deployed", "rolled back to 1", "deployed"]


def test_another_release_in_the_place_of_a_killed_rollback_completes_what_it_was_for() -> None:
    killed = back(released("v1", "v2"), outcome="pending")

    history = tried(killed, "v3")

    assert states(history) == ["deployed", "rolled back to 4", "failed", "deployed"]
    assert states(tried(killed, "v3", "failed"))[1] == "deployed"


def test_what_a_killed_rollback_left_stays_good_if_it_comes_up_on_purpose() -> None:
    history = tried(back(released("v1", "v2"), outcome="pending"), "v2")

    assert states(history) == ["deployed", "deployed", "failed", "deployed"]


def test_a_killed_release_goes_on_under_its_own_number() -> None:
    killed = [*released("v1"), replace(a_release(2, "pending", "v2"), cause="opening")]

    history = tried(killed, "v2")

    assert [(item.number, item.state, item.cause) for item in history[1:]] == [
        (2, "deployed", "opening")
    ]


def test_a_killed_release_has_failed_once_something_else_comes_up() -> None:
    killed = [*released("v1"), a_release(2, "pending", "v2")]

    assert states(tried(killed, "v3")) == ["deployed", "failed", "deployed"]
    assert goal(killed) == 1
