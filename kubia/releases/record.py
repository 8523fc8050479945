"""Writes down what an `up` by the kubectl engine does, and refuses what was taken back."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from kubia import console
from kubia.apply import text
from kubia.apply.api import Api
from kubia.apply.model import DesiredState, Plan
from kubia.errors import KubiaError
from kubia.project.edits import Edit
from kubia.project.stackfile import Stack
from kubia.releases import ledger, release, site_files, store, who
from kubia.releases.lease import Lease
from kubia.releases.ledger import Ledger
from kubia.releases.release import Outcome, Release

LINES = 200
"""Lines of the diff that are kept."""
PARTS = {"the files of its sites' directories": "sites", "the stack file's content": "document"}
"""What a release may be too large to hold, by what it is called."""


@dataclass(frozen=True)
class UpOptions:
    """What an `up` is asked for besides the stack."""

    force_conflicts: bool = False
    """Take over objects and fields that others manage."""
    cause: str | None = None
    """Why, for the history; None: as the changed images have it."""
    allow_rejected: bool = False
    """Bring up even what was undone or rolled back from."""
    undo_on_failure: bool = False
    """If a rollout fails, bring back what serves."""
    rollback_to: int | None = None
    """The number of the release that this goes back to, if it does."""
    decided_at: int | None = None
    """The number of the last release when that was decided."""
    keeps_secrets: bool = False
    """It goes back to what was declared, but for secrets: these stay as they are."""
    previewed: bool = False
    """The user has seen the preview."""

    @property
    def takes_rejected(self) -> bool:
        """Whether what was taken back may come up: unasked a rollback alone may bring it."""
        return self.allow_rejected or self.rollback_to is not None


@dataclass
class Entry:
    """The release that is being brought up, and the ledger `before` and with it."""

    api: Api
    stack: DesiredState
    before: list[Release]
    ledger: list[Release]
    release: Release
    is_withdrawn: bool = False
    """Nothing has come of it, so it was not recorded."""

    @property
    def goes_on(self) -> bool:
        """Whether it is one that was killed."""
        killed = ledger.by_number(self.before, self.release.number)
        return killed is not None and killed.outcome == "pending"

    def begin(self) -> None:
        """Write that it is pending; what was killed before it has failed."""
        if ledger.by_number(self.before, self.release.number) is None:
            self.release = store.add(self.api, self.stack, self.release)
            self.ledger[-1] = self.release
        self._save([*self.before, self.release], self.ledger)

    def declares(self, planned: Plan, stack: Stack) -> None:
        """Let it declare what is planned now that the stack's files are in place."""
        fresh = replace(self.release, **_declared(planned, stack))
        self.ledger[-1] = self.release = store.fitting(fresh)

    def end(self, outcome: Outcome) -> None:
        """Write what came of it, and delete what is too old to be kept."""
        self.ledger = ledger.ended(self.ledger, self.release, outcome)
        store.save(self.api, self.stack, replace(self.release, outcome=outcome))
        surplus = store.surplus(self.ledger)
        if surplus and len(self.ledger) <= store.KEPT:
            numbers = ", ".join(map(str, sorted(surplus)))
            console.err(
                f"no longer kept, for the records together are too large: release {numbers}"
            )
        store.remove(self.api, self.stack, surplus)

    def withdraw(self) -> None:
        """Write the ledger as it was before."""
        self.is_withdrawn = True
        self._save(self.ledger, self.before)
        known = {item.number for item in self.before}
        store.remove(self.api, self.stack, {item.number for item in self.ledger} - known)

    def _save(self, old: Ledger, new: Ledger) -> None:
        for item in new:
            if item not in old:
                store.save(self.api, self.stack, item)


def is_settled(planned: Plan, before: Ledger, options: UpOptions) -> bool:
    """Whether nothing would change, neither in the cluster nor in the ledger."""
    current = ledger.current(before)
    return (
        planned.is_empty
        and options.rollback_to is None
        and current is not None
        and current.outcome == "deployed"
        and current.digest == release.digest(planned.desired.manifests)
    )


def refuse_rejected(before: Ledger, digest: str, options: UpOptions, stack: str) -> None:
    """Refuse what was declared before and taken back, unless the options allow it.

    Raises:
        KubiaError: there is a `rejection`.

    """
    message = rejection(before, digest, stack)
    if message and not options.takes_rejected:
        raise KubiaError(message)


def rejection(before: Ledger, digest: str, stack: str) -> str:
    """Return why what has this digest is not brought up again in the stack of this name, or "".

    The last release with it was undone or rolled back from, or a rollback from it was begun.
    """
    rejected = ledger.refusal(before, digest)
    if rejected is None:
        return ""
    started = ledger.pending(before)
    if rejected.is_rejected:
        good = ledger.serving(before)
        how = f" (`kubia rollback --to {good.number} -s {stack}` does)" if good else ""
        happened = f"was {rejected.state.removeprefix('failed, ')}: change the stack file{how}"
    else:
        goal = started.back_to if started else None
        how = f"rollback --to {goal}" if goal else "rollback"
        happened = (
            f"is being rolled back from, which was cut off: finish that by `kubia {how} -s {stack}`"
        )
    return (
        f"release {rejected.number} ({rejected.time}, {rejected.cause}) declared exactly this and "
        f"{happened}, or bring it up all the same by --again."
    )


def refuse_halting(planned: Plan, back: Release, stack: str) -> None:
    """Refuse to go back to a paused release from one that was not: its pods would not come.

    Raises:
        KubiaError: pods would stay as they are.

    """
    halting = ", ".join(map(str, planned.halting))
    if halting:
        message = (
            f"release {back.number} was paused, so pods of {halting} would stay as they are, and "
            f"nothing would be back: go to another by `kubia rollback --to N -s {stack}`, or "
            f"declare its image without strategy.paused and `kubia up -s {stack}`."
        )
        raise KubiaError(message)


def refuse_unreleased(before: Ledger, digest: str, stack: str) -> None:
    """Refuse to let the cluster be, by a repair, what only an `up` may bring: what does not serve.

    An `up` switches and deletes only once pods are ready and jobs are done, and records it.
    Where no release is known, as of a stack of Pulumi's, nothing is refused.

    Raises:
        KubiaError: what has this digest does not serve, or is taken back.

    """
    good = ledger.serving(before)
    why = rejection(before, digest, stack)
    if not why and before and good is None:
        why = f"no release has been deployed yet: bring it up by `kubia up -s {stack}`."
    if not why and good is not None and good.digest != digest:
        why = (
            f"what is declared is another than release {good.number} ({good.time}, {good.cause}), "
            f"which serves: bring it up by `kubia up -s {stack}`, or go back by "
            f"`kubia rollback --to {good.number} -s {stack}`."
        )
    if why:
        message = f"nothing was repaired, for that would be a release: {why}"
        raise KubiaError(message)


@contextlib.contextmanager
def recorded(
    lease: Lease,
    planned: Plan,
    stack: Stack,
    before: list[Release],
    options: UpOptions,
    edit: Edit,
) -> Iterator[Entry]:
    """Record the release that the block brings up: deployed, or failed if it raises.

    The files are edited once it is known in the cluster what is going on. If it ends before it
    has changed anything, they and the ledger are put back as they were. Without the Lease, which
    others may hold by then, nothing more is written in the ledger.

    Raises:
        KubiaError: the Lease was lost.

    """
    entry = _entry(lease.api, planned, stack, before, options)
    try:
        entry.begin()
        edit.carry_out()
        yield entry
    except BaseException:
        # An interrupted or failing recording must not hide why the release failed.
        with contextlib.suppress(KubiaError):
            if not lease.changes:
                edit.take_back()
            lease.check()  # who has lost it writes nothing over what others have written since
            if lease.changes or entry.goes_on:
                entry.end("failed")
            else:
                entry.withdraw()
        raise
    lease.check()
    entry.end("deployed")


def _entry(
    api: Api, planned: Plan, stack: Stack, before: list[Release], options: UpOptions
) -> Entry:
    new = _new(planned, stack, before, options)
    last = ledger.current(before)
    if planned.is_empty and last is not None and _is_same_try(last, new):
        return Entry(api, planned.desired, before, before, last)
    after, new = ledger.begun(before, new)
    return Entry(api, planned.desired, before, after, new)


def _is_same_try(last: Release, new: Release) -> bool:
    """Whether what failed last comes up now by itself, so that it is the same release."""
    return last.outcome == "failed" and last.digest == new.digest and new.back_to is None


def _new(planned: Plan, stack: Stack, before: Ledger, options: UpOptions) -> Release:
    """Return the release that a plan makes, as far as it fits; say what does not."""
    declared = _declared(planned, stack)
    images, digest = declared["images"], declared["digest"]
    current = ledger.current(before)
    changed = len(planned.of("create", "update", "delete"))
    lines = list(text.changes(planned))
    more = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    back_to = options.rollback_to
    new = Release(
        number=before[-1].number + 1 if before else 1,
        time=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        who=who.name(),
        cause=options.cause or release.cause(current.images if current else None, images, changed),
        outcome="pending",
        diff=(*lines[:LINES], *more),
        back_to=back_to,
        leaves=() if back_to is None else ledger.left(before, digest),
        **declared,
    )
    fitting = store.fitting(new)
    missing = [
        name
        for name, part in PARTS.items()
        if getattr(new, part) and getattr(fitting, part) is None
    ]
    if missing:
        console.err(
            f"release {new.number} is too large for its Secret, and recorded without "
            f"{' and '.join(missing)}: keep that in version control, for a rollback to it "
            "cannot put it back"
        )
    return fitting


def _declared(planned: Plan, stack: Stack) -> dict[str, Any]:
    """Return the parts of a release that are what the stack declares."""
    manifests = planned.desired.manifests
    return {
        "digest": release.digest(manifests),
        "images": release.images(manifests),
        "document": dict(stack.document),
        "sites": site_files.of_stack(stack),
    }
