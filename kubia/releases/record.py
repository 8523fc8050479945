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
LINES = 200
"""Lines of the diff that are kept."""


@dataclass(frozen=True)
class UpOptions:
    """What an `up` is asked for besides the stack.

    `force_conflicts`: take over what others manage. `cause`: why, told by the history.
    `allow_rejected`: bring up even what was taken back. `undo_on_failure`: go back by itself when a
    rollout fails. `rollback_to`: the number of the release that this goes back to. `previewed`: the
    user has seen the preview.
    """

    force_conflicts: bool = False
    cause: str | None = None
    allow_rejected: bool = False
    undo_on_failure: bool = False
    rollback_to: int | None = None
    previewed: bool = False


def refuse_rejected(releases: Sequence[Release], digest: str, options: UpOptions) -> None:
    """Raise KubiaError if exactly this was declared before and taken back."""
    last = next((item for item in reversed(releases) if item.digest == digest), None)
    if (
        last is None
        or not last.is_rejected
        or options.allow_rejected
        or options.rollback_to is not None
    ):
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


def undone(api: Api, target: DesiredState, releases: list[Release]) -> None:
    """Mark the last release as undone."""
    releases[-1] = replace(releases[-1], outcome="undone")
    store.save(api, target, releases[-1])


def _record(
    api: Api,
    planned: Plan,
    stack: Stack,
    releases: list[Release],
    options: UpOptions,
    outcome: Outcome,
) -> None:
    target = planned.desired
    at = release.current(releases)
    made = new(planned, stack, releases, options, outcome)
    if (
        planned.is_empty
        and options.rollback_to is None
        and at is not None
        and at.digest == made.digest
    ):
        if (at.outcome, outcome) == ("failed", "deployed"):
            releases[releases.index(at)] = replace(at, outcome=outcome)
            store.save(api, target, replace(at, outcome=outcome))
        return
    made = store.add(api, target, made)
    if options.rollback_to is not None and _is_left(releases, made):
        releases[-1] = replace(releases[-1], rolled_back_to=options.rollback_to)
        store.save(api, target, releases[-1])
    releases.append(made)
    if len(releases) > store.KEPT:
        store.prune(api, target, releases)


def _is_left(releases: Sequence[Release], made: Release) -> bool:
    """Whether a rollback leaves the last release for another, and does so first."""
    return bool(releases) and releases[-1].digest != made.digest and not releases[-1].is_rejected


def new(
    planned: Plan, stack: Stack, releases: Sequence[Release], options: UpOptions, outcome: Outcome
) -> Release:
    """Return the release that a plan makes."""
    manifests = planned.desired.manifests
    at = release.current(releases)
    images = release.images(manifests)
    changed = len(planned.of("create", "update", "delete"))
    lines = list(text.changes(planned))
    more = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return Release(
        number=releases[-1].number + 1 if releases else 1,
        time=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        who=os.environ.get(WHO) or f"{_user()}@{socket.gethostname()}",
        cause=options.cause or release.cause(at.images if at else None, images, changed),
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
