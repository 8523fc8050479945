"""Pulumi's updates of a stack as releases."""

import hashlib
import itertools
import json
from collections.abc import Iterator

from pulumi import automation

from kubia.config import decoded
from kubia.releases.release import Release

PAGE = 100
"""Updates that are asked for at once; the CLI's own default is the last 10."""


def releases(stack: automation.Stack) -> list[Release]:
    """Return the stack's updates as releases, oldest first.

    A backend that is a folder or a bucket numbers none; they are then numbered as they came.
    """
    newest_first = list(_updates(stack))
    return [_release(update, i) for i, update in enumerate(reversed(newest_first), start=1)]


def _updates(stack: automation.Stack) -> Iterator[automation.UpdateSummary]:
    """Go through all updates of a stack, newest first."""
    for page in itertools.count(1):
        summaries = stack.history(PAGE, page, show_secrets=False)
        yield from (summary for summary in summaries if summary.kind == "update")
        if len(summaries) < PAGE:
            return


def _release(update: automation.UpdateSummary, place: int) -> Release:
    """Return an update as a release; `place` is its number if the backend gives it none."""
    known = update.environment or {}
    config = {
        key: decoded(item.value) for key, item in (update.config or {}).items() if not item.secret
    }
    counts = update.resource_changes or {}
    return Release(
        number=update.version or place,
        time=update.start_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        who=known.get("git.author") or known.get("exec.kind") or "",
        cause=update.message or "",
        outcome="deployed" if update.result == "succeeded" else "failed",
        digest=hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest(),
        document={"config": config},
        sites=None,
        diff=tuple(f"{count} {op}" for op, count in sorted(counts.items())),
    )
