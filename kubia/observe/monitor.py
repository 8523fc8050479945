"""Observes a release from outside while it goes on: who answers, and which pods there are."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kubia import console
from kubia.apply import pods
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.apply.wait import ReleaseError
from kubia.console import Progress
from kubia.errors import KubiaError, refuse
from kubia.live.replica_sets import PodGroup
from kubia.observe import bound, plots, probe, timeline
from kubia.observe.open_loop import PACE, OpenLoop, Pace
from kubia.observe.probe import Answer
from kubia.observe.record import Mark, PodSample, Record, ResponseSample
from kubia.session import Session

DEPLOYED = "deployed"
RECENT = 5.0
"""Seconds that the line about answers looks back."""


@dataclass(frozen=True)
class Timing:
    """How often what is sampled, in seconds."""

    line: float = 1.0
    """Between two lines about answers where lines stand and change."""
    printed_line: float = 10.0
    """Between two such lines where each is a line of its own."""
    pods: float = 0.5
    """Between two samples of the pods."""
    afterwards: float = 15.0
    """At most after a release, for the old pods to go."""
    trial: float = 5.0
    """That a release is measured for after its rollout: a Service that switches does so at the end,
    and of a version that asks nobody nothing is known."""
    pace: Pace = PACE


TIMING = Timing()


class ErrorsError(ReleaseError):
    """A release rolled out, and users met too many errors."""


def check(url: str | None, picture: Path | None, most: str | None = None) -> None:
    """Refuse what a release cannot be observed by.

    Raises:
        InvalidError: the address cannot be asked, or the picture not be drawn.

    """
    problems = [*bound.problems(most, url)]
    if url is not None:
        problems += probe.problems(url)
    if picture is not None:
        problems += plots.problems("--timeline", picture)
        if url is None:
            problems.append("--timeline needs --probe-url, the address to measure at.")
    refuse(problems)


class RolloutMonitor:
    """What is seen of a release, and where a line about it is shown."""

    def __init__(self, timing: Timing = TIMING, most: float = 1.0, stack: str = "") -> None:
        """Begin now; a release of the stack with a share of errors above `most` has failed."""
        self.record = Record()
        self._timing = timing
        self._most = most
        self._back = f"kubia rollback -s {stack}" if stack else "kubia rollback"
        self._start = time.monotonic()
        self._progress: Progress | None = None
        self._last_line = 0.0
        self._lock = threading.Lock()
        self._loop: OpenLoop | None = None
        self._url = ""

    @contextlib.contextmanager
    def asking(self, url: str, ask: Callable[[str], Answer]) -> Iterator[None]:
        """Ask the Service at the address until the block ends."""
        self._url = url
        self._loop = OpenLoop(partial(ask, url), self.keep, self._timing.pace)
        with self._loop.running():
            yield

    @contextlib.contextmanager
    def showing(self, progress: Progress) -> Iterator[None]:
        """Show the line while the block runs."""
        self._progress = progress
        try:
            yield
        finally:
            self._progress = None

    @contextlib.contextmanager
    def on(self, progress: Progress, outcome: str = DEPLOYED) -> Iterator[None]:
        """Show the line while the release is carried out, or undone; note the steps.

        Raises:
            ErrorsError: it was carried out, and there were too many errors.

        """
        if not self.record.marks:
            self._mark("applied")
        with self.showing(progress):
            try:
                yield
                self._mark(outcome)
                if outcome == DEPLOYED and self._loop is not None:
                    time.sleep(self._timing.trial)
                    self._loop.settle()
                    self._judge()
            except BaseException:
                self._mark("failed")
                raise

    def keep(self, due: float, answer: Answer) -> None:
        """Note an answer, and when it was due (time.monotonic); show the line at times."""
        now = self._now()
        self.record.answers.append(ResponseSample(due - self._start, answer))
        with self._lock:
            progress = self._progress
            if progress is None:
                return
            pause = self._timing.line if progress.stands else self._timing.printed_line
            if now <= self._last_line + pause:
                return
            self._last_line = now
        progress.show({self._url: recent(self.record, now)})

    def _judge(self) -> None:
        counted = bound.counted(self.record, self._most)
        if counted.ill:
            names = ", ".join(counted.ill)
            console.err(f"not counted, for it failed before the release began: {names}")
        excess = bound.excess(counted, self._most)
        if excess:
            summary = f"it rolled out, but users met errors: {excess} (--max-errors)."
            raise ErrorsError(summary, f"what it deployed serves; `{self._back}` goes back.")

    def sample_pods(self, api: Api, namespace: str) -> None:
        """Note which pods there are; nothing if the cluster does not answer."""
        with contextlib.suppress(KubiaError):
            groups = pods.in_namespace(api, namespace)
            self.record.pod_samples.append(PodSample(self._now(), groups))

    def until_quiet(self) -> None:
        """Wait until no pod is going, or nobody knows."""
        deadline = time.monotonic() + self._timing.afterwards
        time.sleep(2 * self._timing.pods)
        while time.monotonic() < deadline and any(group.going for group in self._groups()):
            time.sleep(self._timing.pods)

    def _mark(self, text: str) -> None:
        self.record.marks.append(Mark(self._now(), text))

    def _groups(self) -> tuple[PodGroup, ...]:
        return self.record.pod_samples[-1].groups if self.record.pod_samples else ()

    def _now(self) -> float:
        return time.monotonic() - self._start


def recent(record: Record, now: float) -> str:
    """Return who answered during the last seconds."""
    since, samples = now - RECENT, list(record.answers)  # a copy: others go on adding
    names = probe.versions([item.answer for item in samples])
    late = [(name, item) for name, item in zip(names, samples, strict=True) if item.at >= since]
    counts = Counter(name for name, _ in late)
    shares = (f"{name} {count / len(late):.0%}" for name, count in sorted(counts.items()))
    failed = sum(item.answer.is_error for _, item in late)
    return f"{', '.join(shares)} of {len(late)} requests in {RECENT:g} s, {failed} failed"


def measured(
    url: str,
    window: float,
    progress: Progress,
    *,
    ask: Callable[[str], Answer] = probe.ask,
    timing: Timing = TIMING,
) -> Record:
    """Return what was seen in `window` seconds, while nothing is released."""
    monitor = RolloutMonitor(timing)
    with monitor.showing(progress), monitor.asking(url, ask):
        time.sleep(window)
    return monitor.record


@contextlib.contextmanager
def monitored(
    session: Session,
    url: str | None,
    picture: Path | None,
    most: float = 1.0,
    *,
    ask: Callable[[str], Answer] = probe.ask,
    connect: Callable[[str], AbstractContextManager[Connection]] = connect,
    timing: Timing = TIMING,
) -> Iterator[RolloutMonitor]:
    """Observe what the block brings up; say afterwards who answered, and draw it.

    `url` is asked at a constant rate, each time on a connection of its own; errors above the share
    `most` fail the release. A release that fails gets its picture, too.
    """
    monitor = RolloutMonitor(timing, most, session.stack.name)
    if url is None:
        yield monitor
        return
    try:
        with contextlib.ExitStack() as stack:
            if picture is not None:
                api = Api(stack.enter_context(connect(session.cluster)))
                sample_pods = partial(monitor.sample_pods, api, session.namespace)
                stack.enter_context(_repeated(sample_pods, timing.pods))
            stack.enter_context(monitor.asking(url, ask))
            yield monitor
            if picture is not None:
                console.err("the timeline goes on until the old pods are gone")
                monitor.until_quiet()
    except BaseException:
        if monitor.record.marks:  # otherwise nothing was changed, and there is nothing to see
            # What goes wrong with the picture must not hide why the release failed.
            with contextlib.suppress(KubiaError):
                _report(monitor.record, session, url, picture)
        raise
    _report(monitor.record, session, url, picture)


def _report(record: Record, session: Session, url: str, picture: Path | None) -> None:
    """Say who answered, and draw it."""
    shares = probe.shares_of([item.answer for item in record.answers])
    console.out(f"answers of {url}:")
    for line in shares.lines():
        console.out(line)
    if picture is not None:
        title = timeline.title(record, f"{session.stack.project.name} {session.stack.name}")
        plots.save(lambda: timeline.draw(record, title), picture, title)
        console.err(f"timeline: {picture}")


@contextlib.contextmanager
def _repeated(work: Callable[[], None], pause: float) -> Iterator[None]:
    """Do the work in a thread of its own, at most once in `pause` seconds, until the block ends."""
    over = threading.Event()

    def repeat() -> None:
        while not over.is_set():
            due = time.monotonic() + pause
            work()
            over.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(2 * probe.PATIENCE)
