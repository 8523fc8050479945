"""History as a ledger: what serves, where a rollback goes, and what nobody brings up by accident.

1. A release is pending from before its first write until it has been deployed or has failed. One
   that stays pending was killed: the next `up` of the same finishes it, one of anything else counts
   it as failed.
2. What serves is the newest that was deployed. What fails, or is killed, changes nothing about it.
3. A rollback says beforehand which releases it leaves: what serves, and what was tried since. They
   are taken back at the moment when it has been deployed, by that one write; if it fails, they are
   not.
4. As long as a rollback is pending, what it leaves is refused as if it were taken back already.
   Whatever else is deployed in its place completes what it was for.
5. The chain is what served, without what was gone back over. Each release names what it follows in
   it, so that it stays the same when old ones are no longer kept. A rollback goes to the newest
   good release in it before the last that declared something else; so it never goes forth again,
   nor to what was taken back, and comes to an end.

All functions are pure; a ledger is a sequence of releases, oldest first.
"""

from collections.abc import Sequence
from dataclasses import replace

from kubia.releases.release import Outcome, Release

Ledger = Sequence[Release]


def marked(ledger: Ledger) -> list[Release]:
    """Return the ledger with what was taken back marked so, as the later releases have it."""
    goals = {
        number: item.number if item.back_to is None else item.back_to
        for item in ledger
        if item.outcome == "deployed"
        for number in item.leaves
    }
    return [
        replace(item, rolled_back_to=goals.get(item.number, item.rolled_back_to)) for item in ledger
    ]


def by_number(ledger: Ledger, number: int | None) -> Release | None:
    """Return the release with this number, if it is (still) kept."""
    return next((item for item in ledger if item.number == number), None)


def current(ledger: Ledger) -> Release | None:
    """Return the release that the cluster is at, or on its way to: the newest not undone."""
    return next((item for item in reversed(ledger) if item.outcome != "undone"), None)


def serving(ledger: Ledger) -> Release | None:
    """Return the release that serves: the newest that was deployed."""
    return next((item for item in reversed(ledger) if item.outcome == "deployed"), None)


def pending(ledger: Ledger) -> Release | None:
    """Return the release whose outcome is not known: it goes on, or was killed."""
    return next((item for item in reversed(ledger) if item.outcome == "pending"), None)


def chain(ledger: Ledger) -> list[Release]:
    """Return what served, oldest first, without what was gone back over."""
    last = serving(ledger)
    if last is None:
        return []
    before = (item for item in ledger if item.outcome == "deployed" and item is not last)
    return [*(item for item in before if _is_followed(item, last)), last]


def is_good(ledger: Ledger, release: Release) -> bool:
    """Whether it was deployed, and what it declares was not taken back since."""
    return release.outcome == "deployed" and not any(
        item.digest == release.digest and item.number >= release.number
        for item in ledger
        if item.outcome == "deployed" and item.rolled_back_to is not None
    )


def previous(ledger: Ledger) -> Release | None:
    """Return where a rollback goes unasked; None if there is nothing left to go back to.

    One that was killed goes on.
    """
    started = pending(ledger)
    goal = by_number(ledger, started.back_to) if started else None
    if goal is not None:
        return goal
    leaving = started.leaves if started else ()
    return next(
        (
            item
            for item in reversed(chain(ledger))
            if item.digest != ledger[-1].digest
            and item.number not in leaving
            and is_good(ledger, item)
        ),
        None,
    )


def left(ledger: Ledger, digest: str) -> tuple[int, ...]:
    """Return what a rollback to what has this digest leaves: what serves, and was tried since."""
    served = serving(ledger)
    since = [item for item in ledger if served is None or item.number >= served.number]
    return tuple(item.number for item in since if item.digest != digest and not item.is_rejected)


def refusal(ledger: Ledger, digest: str) -> Release | None:
    """Return the release for which what has this digest must not come up; None if it may.

    It is the last of that digest and was taken back, or a pending rollback is going to do that.
    """
    last = next((item for item in reversed(ledger) if item.digest == digest), None)
    if last is None:
        return None
    started = pending(ledger)
    is_being_left = started is not None and last.number in started.leaves
    return last if last.is_rejected or is_being_left else None


def begun(ledger: Ledger, new: Release) -> tuple[list[Release], Release]:
    """Return the ledger once `new` is pending, and that release; one that was killed goes on."""
    killed = pending(ledger)
    if killed is not None and killed.digest == new.digest:
        new = _going_on(killed, new)
    elif killed is not None:
        meant = {item.number for item in ledger if item.digest != new.digest}
        new = replace(
            new, leaves=tuple(sorted(meant.intersection(killed.leaves).union(new.leaves)))
        )
    new = replace(new, follows=_follows(ledger, new))
    before = [
        replace(item, outcome="failed") if item.outcome == "pending" else item
        for item in ledger
        if item.number != new.number
    ]
    return [*before, new], new


def ended(ledger: Ledger, release: Release, outcome: Outcome) -> list[Release]:
    """Return the ledger once the outcome of a release in it is known."""
    done = replace(release, outcome=outcome)
    return marked([done if item.number == release.number else item for item in ledger])


def _is_followed(item: Release, last: Release) -> bool:
    return last.follows is None or item.number in last.follows


def _follows(ledger: Ledger, new: Release) -> tuple[int, ...]:
    """Return the chain up to where a release stands: a rollback in the place of its goal.

    One that declares the same as the last is only another try of it.
    """
    served = chain(ledger)
    goal = by_number(ledger, new.back_to)
    if goal is None:
        place = len(served) - bool(served and served[-1].digest == new.digest)
    else:
        meant = {new.digest, goal.digest}
        places = [index for index, item in enumerate(served) if item.digest in meant]
        place = places[-1] if places else len(served)
    return tuple(item.number for item in served[:place])


def _going_on(killed: Release, new: Release) -> Release:
    """Return a release that was killed as it goes on; a rollback to the same makes it one, too."""
    if new.back_to is not None:
        return replace(new, number=killed.number)
    return replace(
        new,
        number=killed.number,
        time=killed.time,
        who=killed.who,
        cause=killed.cause,
        diff=killed.diff,
        back_to=killed.back_to,
        leaves=killed.leaves,
    )
