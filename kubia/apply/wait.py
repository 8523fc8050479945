"""Waits for rollouts and for deletions, all at once, until a deadline."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubia.apply import diagnosis, pods, reasons
from kubia.apply.api import Api, parallel
from kubia.apply.patience import Deadlines, ReasonLines
from kubia.apply.reasons import Findings
from kubia.console import Progress
from kubia.errors import KubiaError
from kubia.live import rollout
from kubia.program.objects import ObjectRef

GONE = 300.0
"""Seconds that deleted objects may take to go: pods stop gracefully first."""


@dataclass(frozen=True)
class Timing:
    """How rollouts are waited for, all in seconds."""

    first_pause: float = 0.1
    """Between two requests at first; the pauses grow from there."""
    longest_pause: float = 0.5
    settling: float = 4.0
    """Before a failure is believed: the deployment controller keeps the last release's until the
    new one makes progress."""
    reasons: float = 1.0
    """Between two looks for what keeps pods from starting."""
    routing: float = 60.0
    """That a Gateway may take to hear of a route's change."""

    def pauses(self) -> Iterator[float]:
        """Yield the pauses between requests, without end."""
        pause = self.first_pause
        while True:
            yield pause
            pause = min(pause * 1.5, self.longest_pause)


TIMING = Timing()


@dataclass(frozen=True)
class Failure:
    """A rollout that failed, and what is known about its pods."""

    key: ObjectRef
    reason: str
    details: tuple[str, ...]


class ReleaseError(KubiaError):
    """A release failed after it had begun, and may be undone."""

    def __init__(self, summary: str, how_to_go_on: str) -> None:
        """Say what happened, and what to do if it is not undone."""
        self.summary = summary
        super().__init__(f"{summary}\n{how_to_go_on}")


class RolloutError(ReleaseError):
    """Some rollouts failed; `summary` names each with its pods' reasons, but not how to go on."""

    def __init__(
        self,
        failures: list[Failure],
        held: Sequence[ObjectRef] = (),
        deleted: Sequence[ObjectRef] = (),
    ) -> None:
        """Name the failures, what is `held` back as it comes after them, and what was `deleted`."""
        self.failures = failures
        self.held = held
        lines: list[str] = []
        for failure in failures:
            what = "complete" if failure.key.kind == "Job" else "roll out"
            lines.append(f"{failure.key} did not {what}: {failure.reason}")
            lines += [f"  {line}" for line in failure.details]
        untouched = ", ".join(map(str, held))
        if untouched:
            lines.append(f"not touched, for it depends on what failed: {untouched}")
        gone = f"nothing but {', '.join(map(str, deleted))}" if deleted else "nothing"
        super().__init__(
            "\n".join(lines), f"{gone} was deleted; fix the program and run `kubia up` again."
        )


def for_rollouts(
    api: Api,
    selector: str,
    manifests: Sequence[Mapping[str, Any]],
    progress: Progress,
    timing: Timing = TIMING,
) -> list[Failure]:
    """Wait until the pods of every workload have been replaced; the rollouts that failed.

    `selector` is a label selector that the workloads meet, or "". When one has failed, the others
    are not waited for any longer, and are named as such.
    """
    awaited = [
        manifest
        for manifest in manifests
        if manifest["kind"] in rollout.WORKLOADS and not _passed_over(manifest, progress)
    ]
    return _Rollouts(api, selector, awaited, progress, timing).wait()


class _Rollouts:
    """Workloads that are waited for, and what is known of them."""

    def __init__(
        self,
        api: Api,
        selector: str,
        manifests: Sequence[Mapping[str, Any]],
        progress: Progress,
        timing: Timing,
    ) -> None:
        self._api = api
        self._selector = selector
        self._progress = progress
        self._timing = timing
        self._seconds = {ObjectRef.of(item): rollout.timeout(item) for item in manifests}
        self._deadlines = Deadlines(self._seconds)
        self._findings: Mapping[ObjectRef, Findings] = {}
        self._shown = ReasonLines(progress)
        self._failures: list[Failure] = []

    def wait(self) -> list[Failure]:
        pauses = self._timing.pauses()
        begun = asked = time.monotonic()
        while self._seconds:
            objects = _live(self._api, self._selector, self._seconds)
            summaries = pods.summaries(self._api, objects)
            if time.monotonic() >= asked:
                self._findings = reasons.of_workloads(self._api, objects)
                asked = time.monotonic() + self._timing.reasons
            settled = time.monotonic() > begun + self._timing.settling
            for key, live in objects.items():
                self._judge(key, live, summaries.get(key, ""), settled=settled)
            if self._failures:
                self._abandon(objects)
            if self._seconds:
                time.sleep(next(pauses))
        return self._failures

    def _judge(
        self, key: ObjectRef, live: Mapping[str, Any], summary: str, *, settled: bool
    ) -> None:
        """Show how far a workload is; note if it needs no more waiting, or if that is no use."""
        known = self._findings.get(key, Findings())
        status = rollout.progress(live)
        if status.state == "waiting" and known.status is not None:
            status = known.status
        if status.state == "done":
            self._shown.over(key)
            return self._end(key, f"{status.text} ✓")
        self._shown.show(key, known.reasons)
        late = status.state == "waiting" and self._deadlines.is_over(key, live)
        if known.end or late or (status.state == "failed" and settled):
            reason = known.end or (f"not done in time ({status.text})" if late else status.text)
            self._end(key, f"{status.text} ✗")
            return self._failures.append(self._failure(key, reason, live))
        return self._progress.show({str(key): "; ".join(filter(None, (status.text, summary)))})

    def _abandon(self, objects: Mapping[ObjectRef, Mapping[str, Any]]) -> None:
        for key in list(self._seconds):
            text = f"no longer waited for ({rollout.progress(objects[key]).text})"
            self._end(key, text)
            every = self._findings.get(key, Findings()).reasons
            self._failures.append(Failure(key, text, tuple(map(str, every))))

    def _end(self, key: ObjectRef, text: str) -> None:
        del self._seconds[key]
        self._progress.show({str(key): text})

    def _failure(self, key: ObjectRef, reason: str, live: Mapping[str, Any]) -> Failure:
        """Return what is known of a failed rollout, each thing once."""
        every = self._findings.get(key, Findings()).reasons
        lines = [str(item) for item in every if str(item) != reason]
        details = diagnosis.of_workload(self._api, live)
        new = [text for text in details if not any(item.message in text for item in every)]
        return Failure(key, reason, (*lines, *new))


def until_gone(api: Api, uids: Mapping[ObjectRef, str], progress: Progress) -> None:
    """Wait until none of the objects is there any more.

    Raises:
        KubiaError: some still are when the time is over.

    """
    left = left_after(api, uids, progress, GONE)
    if left:
        raise KubiaError(_stuck(left))


def left_after(
    api: Api, uids: Mapping[ObjectRef, str], progress: Progress, seconds: float
) -> Mapping[ObjectRef, Mapping[str, Any]]:
    """Wait until the objects are gone, at most so many seconds; those that are still there."""
    deadline = time.monotonic() + seconds
    pending = dict(uids)
    pauses = TIMING.pauses()
    while pending:
        left = {
            key: live
            for key, live in zip(pending, parallel(api.get, pending), strict=True)
            if live is not None and live["metadata"]["uid"] == pending[key]
        }
        progress.show({str(key): "deleted ✓" for key in pending if key not in left})
        pending = {key: pending[key] for key in left}
        if not pending:
            break
        progress.show({str(key): _ending(item) for key, item in left.items()})
        rest = deadline - time.monotonic()
        if rest <= 0:
            return left
        time.sleep(min(next(pauses), rest))
    return {}


def held(live: Mapping[str, Any]) -> str:
    """Return what keeps a namespace that is being deleted, as the server says it, or ""."""
    conditions = (live.get("status") or {}).get("conditions") or ()
    messages = (str(item.get("message", "")) for item in conditions if item["status"] == "True")
    return "; ".join(message.rstrip(". ") for message in messages if message)


def _ending(live: Mapping[str, Any]) -> str:
    why = held(live) if live["kind"] == "Namespace" else ""
    return f"being deleted: {why}" if why else "being deleted"


def _passed_over(manifest: Mapping[str, Any], progress: Progress) -> bool:
    why = rollout.skipped(manifest)
    if why:
        progress.show({str(ObjectRef.of(manifest)): f"not awaited: {why}"})
    return bool(why)


def _live(api: Api, selector: str, keys: Iterable[ObjectRef]) -> dict[ObjectRef, dict[str, Any]]:
    """Return the live objects among those selected; one request for each kind and namespace."""
    asked = set(keys)
    groups = sorted({(key.group, key.kind, key.namespace) for key in asked})

    def ask(group: tuple[str, str, str]) -> list[dict[str, Any]]:
        return api.list(api.kind(group[0], group[1]), group[2], selector)

    members = {ObjectRef.of(item): item for items in parallel(ask, groups) for item in items}
    missing = sorted(asked - members.keys())
    if missing:
        message = f"{', '.join(map(str, missing))}: deleted by somebody else meanwhile; run again."
        raise KubiaError(message)
    return {key: members[key] for key in sorted(asked)}


def _stuck(left: Mapping[ObjectRef, Mapping[str, Any]]) -> str:
    names = []
    for key, live in sorted(left.items()):
        finalizers = ", ".join(live["metadata"].get("finalizers", ()))
        names.append(f"{key} (finalizers: {finalizers})" if finalizers else str(key))
    return f"still there {GONE:g} s after they were deleted: {'; '.join(names)}."
