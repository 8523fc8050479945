"""Waits for rollouts and for deletions, all at once, until a deadline."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubia.apply import applyset, diagnosis, pods
from kubia.apply.api import Api, parallel
from kubia.console import Progress
from kubia.errors import KubiaError
from kubia.live import rollout
from kubia.program.objects import ObjectRef

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 0.5
SETTLED = 4.0
"""Seconds before a failure is believed: the deployment controller keeps the last release's until
the new one makes progress."""
GONE = 300.0
"""Seconds that deleted objects may take to go: pods stop gracefully first."""


@dataclass(frozen=True)
class Failure:
    """A rollout that failed, and what is known about its pods."""

    key: ObjectRef
    reason: str
    details: tuple[str, ...]


class RolloutError(KubiaError):
    """Some rollouts failed; `told` tells each with its pods' reasons, the text how to go on too."""

    def __init__(self, failures: list[Failure], held: Iterable[ObjectRef] = ()) -> None:
        """Tell the failures, and the objects `held` back because they come after them."""
        lines: list[str] = []
        for failure in failures:
            lines.append(f"{failure.key} did not roll out: {failure.reason}")
            lines += [f"  {line}" for line in failure.details]
        told = ", ".join(map(str, held))
        if told:
            lines.append(f"not touched, for it depends on what failed: {told}")
        self.told = "\n".join(lines)
        lines.append("nothing was deleted; mend the program and run `kubia up` again.")
        super().__init__("\n".join(lines))


def for_rollouts(
    api: Api, identifier: str, manifests: Sequence[Mapping[str, Any]], board: Progress
) -> list[Failure]:
    """Wait until the pods of every workload have been replaced; the rollouts that failed.

    `identifier` is the set's ID, by which the workloads are asked for.
    """
    pending = {
        ObjectRef.of(manifest): time.monotonic() + rollout.timeout(manifest)
        for manifest in manifests
        if manifest["kind"] in rollout.WORKLOADS and not _passed_over(manifest, board)
    }
    failures: list[Failure] = []
    pause = FIRST_PAUSE
    start = time.monotonic()
    while pending:
        live = _live(api, identifier, pending)
        groups = pods.told(api, live)
        for key, found in live.items():
            progress = rollout.progress(found)
            reason = progress.text
            settling = progress.state == "failed" and time.monotonic() < start + SETTLED
            if progress.state == "waiting" and time.monotonic() > pending[key]:
                reason = f"not done in time ({reason})"
            elif progress.state == "waiting" or settling:
                board.show({str(key): "; ".join(filter(None, (progress.text, groups.get(key))))})
                continue
            del pending[key]
            if progress.state == "done":
                board.show({str(key): f"{progress.text} ✓"})
                continue
            board.show({str(key): f"{reason} ✗"})
            failures.append(Failure(key, reason, tuple(diagnosis.of_workload(api, found))))
        if pending:
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
    return failures


def until_gone(api: Api, uids: Mapping[ObjectRef, str], board: Progress) -> None:
    """Wait until none of the objects is there any more.

    Raises:
        KubiaError: some still are when the time is over.

    """
    left = left_after(api, uids, board, GONE)
    if left:
        raise KubiaError(_stuck(left))


def left_after(
    api: Api, uids: Mapping[ObjectRef, str], board: Progress, seconds: float
) -> Mapping[ObjectRef, Mapping[str, Any]]:
    """Wait until the objects are gone, at most so many seconds; those that are still there."""
    deadline = time.monotonic() + seconds
    pending = dict(uids)
    pause = FIRST_PAUSE
    while pending:
        left = {
            key: found
            for key, found in zip(pending, parallel(api.get, pending), strict=True)
            if found is not None and found["metadata"]["uid"] == pending[key]
        }
        board.show({str(key): "deleted ✓" for key in pending if key not in left})
        pending = {key: pending[key] for key in left}
        if not pending:
            break
        board.show({str(key): "being deleted" for key in left})
        rest = deadline - time.monotonic()
        if rest <= 0:
            return left
        time.sleep(min(pause, rest))
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return {}


def _passed_over(manifest: Mapping[str, Any], board: Progress) -> bool:
    why = rollout.skipped(manifest)
    if why:
        board.show({str(ObjectRef.of(manifest)): f"not awaited: {why}"})
    return bool(why)


def _live(api: Api, identifier: str, keys: Iterable[ObjectRef]) -> dict[ObjectRef, dict[str, Any]]:
    """Return the live objects among the set's members; one request for each kind and namespace."""
    wanted = set(keys)
    groups = sorted({(key.group, key.kind, key.namespace) for key in wanted})
    selector = f"{applyset.PART_OF}={identifier}"

    def ask(group: tuple[str, str, str]) -> list[dict[str, Any]]:
        return api.list(api.kind(group[0], group[1]), group[2], selector)

    found = {ObjectRef.of(item): item for items in parallel(ask, groups) for item in items}
    missing = sorted(wanted - found.keys())
    if missing:
        message = f"{', '.join(map(str, missing))}: deleted by somebody else meanwhile; run again."
        raise KubiaError(message)
    return {key: found[key] for key in sorted(wanted)}


def _stuck(left: Mapping[ObjectRef, Mapping[str, Any]]) -> str:
    told = []
    for key, found in sorted(left.items()):
        finalizers = ", ".join(found["metadata"].get("finalizers", ()))
        told.append(f"{key} (finalizers: {finalizers})" if finalizers else str(key))
    return f"still there {GONE:g} s after they were deleted: {'; '.join(told)}."
