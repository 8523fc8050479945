"""Observes a release from outside while it goes on: who answers, and which pods there are."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kubia import console
from kubia.apply import pods
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.console import Progress
from kubia.errors import KubiaError, refuse
from kubia.live.replica_sets import PodGroup
from kubia.observe import plots, probe, timeline
from kubia.observe.probe import Answer
from kubia.observe.record import Mark, PodSample, Record, ResponseSample
from kubia.session import Session

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


TIMING = Timing()


def check(url: str | None, picture: Path | None) -> None:
    """Refuse what a release cannot be observed by.

    Raises:
        InvalidError: the address cannot be asked, or the picture not be drawn.

    """
    problems = [] if url is None else [*probe.problems(url)]
    if picture is not None:
        problems += plots.problems("--timeline", picture)
        if url is None:
            problems.append("--timeline needs --probe-url, the address to measure at.")
    refuse(problems)


class RolloutMonitor:
    """What is seen of a release, and where a line about it is shown."""

    def __init__(self, ask: Callable[[str], Answer] = probe.ask, timing: Timing = TIMING) -> None:
        """Begin now; `ask` gets an address and returns its answer."""
        self.record = Record()
        self._ask = ask
        self._timing = timing
        self._start = time.monotonic()
        self._progress: Progress | None = None
        self._last_line = 0.0

    @contextlib.contextmanager
    def on(self, progress: Progress, outcome: str = "deployed") -> Iterator[None]:
        """Show the line while the release is carried out, or undone; note the steps."""
        if not self.record.marks:
            self._mark("applied")
        self._progress = progress
        try:
            yield
            self._mark(outcome)
        except BaseException:
            self._mark("failed")
            raise
        finally:
            self._progress = None

    def sample_response(self, url: str) -> None:
        """Ask the Service once."""
        answer = self._ask(url)
        now = self._now()
        self.record.answers.append(ResponseSample(now, answer))
        progress = self._progress
        if progress is None:
            return
        pause = self._timing.line if progress.stands else self._timing.printed_line
        if now > self._last_line + pause:
            self._last_line = now
            progress.show({url: recent(self.record, now)})

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
    since = now - RECENT
    names = probe.versions([item.answer for item in record.answers])
    lately = [name for name, item in zip(names, record.answers, strict=True) if item.at >= since]
    shares = (f"{name} {lately.count(name) / len(lately):.0%}" for name in sorted(set(lately)))
    failed = record.failed(since)
    return f"{', '.join(shares)} of {len(lately)} requests in {RECENT:g} s, {failed} failed"


@contextlib.contextmanager
def monitored(
    session: Session,
    url: str | None,
    picture: Path | None,
    *,
    ask: Callable[[str], Answer] = probe.ask,
    connect: Callable[[str], AbstractContextManager[Connection]] = connect,
    timing: Timing = TIMING,
) -> Iterator[RolloutMonitor]:
    """Observe what the block brings up; say afterwards who answered, and draw it.

    `url` is asked at most `probe.RATE` times a second, each time on a connection of its own. A
    release that fails gets its picture, too.
    """
    monitor = RolloutMonitor(ask, timing)
    if url is None:
        yield monitor
        return
    try:
        with contextlib.ExitStack() as stack:
            if picture is not None:
                api = Api(stack.enter_context(connect(session.cluster)))
                sample_pods = partial(monitor.sample_pods, api, session.namespace)
                stack.enter_context(_repeated(sample_pods, timing.pods))
            ask_once = partial(monitor.sample_response, url)
            stack.enter_context(_repeated(ask_once, 1 / probe.RATE))
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
