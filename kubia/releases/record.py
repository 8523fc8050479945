"""Writes down what an `up` by the kubectl engine did, and refuses what was taken back."""

import contextlib
import datetime as dt
import getpass
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kubia.apply import text
from kubia.apply.api import Api
from kubia.apply.model import DesiredState, Plan
from kubia.errors import KubiaError
from kubia.project.stackfile import Stack
from kubia.releases import release, site_files, store
from kubia.releases.release import Outcome, Release

WHO = "KUBIA_WHO"
"""The variable that says who releases; default: user@host."""
LINES = 200
"""Lines of the diff that are kept."""


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
    """If a rollout fails, bring the last good release back."""
    rollback_to: int | None = None
    """The number of the release that this goes back to, if it does."""
    previewed: bool = False
    """The user has seen the preview."""


def refuse_rejected(releases: Sequence[Release], digest: str, options: UpOptions) -> None:
    """Refuse what was declared before and taken back, unless the options allow it.

    Raises:
        KubiaError: the last release with this digest was undone or rolled back from.

    """
    last = next((item for item in reversed(releases) if item.digest == digest), None)
    if last is None or not last.is_rejected:
        return
    if options.allow_rejected or options.rollback_to is not None:
        return
    good = max((item.number for item in releases if item.is_good), default=None)
    how = f" (`kubia rollback --to {good}` does)" if good else ""
    message = (
        f"release {last.number} ({last.time}, {last.cause}) declared exactly this and was "
        f"{last.state.removeprefix('failed, ')}: change the stack file{how}, "
        "or bring it up all the same by --again."
    )
    raise KubiaError(message)


@contextlib.contextmanager
def recorded(
    api: Api, planned: Plan, stack: Stack, releases: list[Release], options: UpOptions
) -> Iterator[None]:
    """Record the release that the block brings up: deployed, or failed if it raises.

    Nothing is written if the cluster already is at this release. `releases` gets the new one.
    """
    try:
        yield
    except BaseException:
        # An interrupted or failing recording must not hide why the release failed.
        with contextlib.suppress(KubiaError):
            _record(api, planned, stack, releases, options, "failed")
        raise
    _record(api, planned, stack, releases, options, "deployed")


def undone(api: Api, desired: DesiredState, releases: list[Release]) -> None:
    """Mark the last release as undone."""
    releases[-1] = replace(releases[-1], outcome="undone")
    store.save(api, desired, releases[-1])


def _record(
    api: Api,
    planned: Plan,
    stack: Stack,
    releases: list[Release],
    options: UpOptions,
    outcome: Outcome,
) -> None:
    desired, back_to = planned.desired, options.rollback_to
    current = release.current(releases)
    new = _new(planned, stack, releases, options, outcome)
    if planned.is_empty and back_to is None and current and current.digest == new.digest:
        if (current.outcome, outcome) == ("failed", "deployed"):
            releases[releases.index(current)] = replace(current, outcome=outcome)
            store.save(api, desired, replace(current, outcome=outcome))
        return
    new = store.add(api, desired, new)
    if back_to is not None and _is_left(releases, new):
        releases[-1] = replace(releases[-1], rolled_back_to=back_to)
        store.save(api, desired, releases[-1])
    releases.append(new)
    if len(releases) > store.KEPT:
        store.prune(api, desired, releases)


def _is_left(releases: Sequence[Release], new: Release) -> bool:
    """Whether a rollback leaves the last release for another, and does so first."""
    return bool(releases) and releases[-1].digest != new.digest and not releases[-1].is_rejected


def _new(
    planned: Plan, stack: Stack, releases: Sequence[Release], options: UpOptions, outcome: Outcome
) -> Release:
    """Return the release that a plan makes."""
    manifests = planned.desired.manifests
    current = release.current(releases)
    images = release.images(manifests)
    changed = len(planned.of("create", "update", "delete"))
    lines = list(text.changes(planned))
    more = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return Release(
        number=releases[-1].number + 1 if releases else 1,
        time=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        who=os.environ.get(WHO) or f"{_user()}@{socket.gethostname()}",
        cause=options.cause or release.cause(current.images if current else None, images, changed),
        outcome=outcome,
        digest=release.digest(manifests),
        images=images,
        document=dict(stack.document),
        sites=site_files.of_stack(stack),
        diff=(*lines[:LINES], *more),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in many containers
        return str(os.getuid())
