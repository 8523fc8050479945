"""Watches a release from outside while it goes on: who answers, and which pods there are."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kubia import console
from kubia.apply import pods
from kubia.apply.api import Api
from kubia.apply.connection import connect
from kubia.console import Progress
from kubia.errors import InvalidError, KubiaError
from kubia.observe import plots, probe, timeline
from kubia.observe.record import Mark, PodSample, Record, ResponseSample
from kubia.program import objects
from kubia.project import contract
from kubia.session import Session, rendered

LATELY = 5.0
"""Seconds that the line about answers looks back."""
OFTEN, SELDOM = 1.0, 10.0
"""Seconds between two such lines: where lines stand, and where each is a line of its own."""
LOOK = 0.5
"""Seconds between two looks at the pods."""
AFTERWARDS = 15.0
"""Seconds at most that a timeline goes on after a release, for the old pods to go."""


def check(url: str | None, picture: Path | None) -> None:
    """Raise InvalidError unless a release can be watched so."""
    problems = [] if url is None else [*probe.wrong(url)]
    if picture is not None:
        problems += plots.wrong("--timeline", picture)
        if url is None:
            problems.append("--timeline needs --probe-url, the address to measure at.")
    if problems:
        raise InvalidError(problems)


class RolloutMonitor:
    """What is seen of a release, and where a line about it is shown."""

    def __init__(self) -> None:
        """Begin now."""
        self.record = Record()
        self._start = time.monotonic()
        self._board: Progress | None = None
        self._told = 0.0

    @contextlib.contextmanager
    def on(self, board: Progress, done: str = "deployed") -> Iterator[None]:
        """Show the line on `board` while the release is carried out, or undone; note the steps."""
        if not self.record.marks:
            self._mark("applied")
        self._board = board
        try:
            yield
            self._mark(done)
        except BaseException:
            self._mark("failed")
            raise
        finally:
            self._board = None

    def ask(self, url: str) -> None:
        """Ask the Service once."""
        answer = probe.ask(url)
        now = self._now()
        self.record.answers.append(ResponseSample(now, answer))
        board = self._board
        if board is not None and now > self._told + (OFTEN if board.stands else SELDOM):
            self._told = now
            board.show({url: lately(self.record, now)})

    def look(self, api: Api, namespace: str) -> None:
        """PodSample at the pods once; if the cluster does not answer, nothing was seen."""
        with contextlib.suppress(KubiaError):
            groups = pods.in_namespace(api, namespace)
            self.record.looks.append(PodSample(self._now(), groups))

    def until_quiet(self) -> None:
        """Wait until no pod is going, or nobody knows."""
        deadline = time.monotonic() + AFTERWARDS
        time.sleep(2 * LOOK)
        while time.monotonic() < deadline and any(g.going for g in self._groups()):
            time.sleep(LOOK)

    def _mark(self, text: str) -> None:
        self.record.marks.append(Mark(self._now(), text))

    def _groups(self) -> tuple[pods.Group, ...]:
        return self.record.looks[-1].groups if self.record.looks else ()

    def _now(self) -> float:
        return time.monotonic() - self._start


def lately(record: Record, now: float) -> str:
    """Return who answered during the last seconds."""
    since = now - LATELY
    names = probe.versions([item.answer for item in record.answers])
    recent = [name for name, item in zip(names, record.answers, strict=True) if item.at >= since]
    shares = (f"{name} {recent.count(name) / len(recent):.0%}" for name in sorted(set(recent)))
    failed = record.failed(since)
    return f"{', '.join(shares)} of {len(recent)} requests in {LATELY:g} s, {failed} failed"


@contextlib.contextmanager
def watch(session: Session, url: str | None, picture: Path | None) -> Iterator[RolloutMonitor]:
    """RolloutMonitor what the block brings up; tell afterwards who answered, and draw it.

    `url` is asked at most `probe.RATE` times a second, each time on a connection of its own. A
    release that fails gets its picture, too.
    """
    watch = RolloutMonitor()
    if url is None:
        yield watch
        return
    try:
        with contextlib.ExitStack() as stack:
            if picture is not None:
                api = Api(stack.enter_context(connect(str(session.context))))
                namespace = _namespace(session)
                stack.enter_context(_again(lambda: watch.look(api, namespace), LOOK))
            stack.enter_context(_again(lambda: watch.ask(url), 1 / probe.RATE))
            yield watch
            if picture is not None:
                console.err("the timeline goes on until the old pods are gone")
                watch.until_quiet()
    except BaseException:
        if watch.record.marks:  # otherwise nothing was changed, and there is nothing to see
            # What goes wrong with the picture must not hide why the release failed.
            with contextlib.suppress(KubiaError):
                _tell(watch, session, url, picture)
        raise
    _tell(watch, session, url, picture)


def _tell(watch: RolloutMonitor, session: Session, url: str, picture: Path | None) -> None:
    """Tell who answered, and draw it."""
    shares = probe.shares_of([item.answer for item in watch.record.answers])
    console.out(f"answers of {url}:")
    for line in shares.lines():
        console.out(line)
    if picture is not None:
        title = timeline.title(watch.record, f"{session.stack.project.name} {session.stack.name}")
        plots.save(lambda: timeline.draw(watch.record, title), picture, title)
        console.err(f"timeline: {picture}")


def _namespace(session: Session) -> str:
    """Return the stack's own namespace."""
    configured = contract.namespace(session.stack)
    if configured is not None:
        return configured
    return objects.home(rendered(session.stack, session.context), None)


@contextlib.contextmanager
def _again(work: Callable[[], None], pause: float) -> Iterator[None]:
    """Do the work in a thread of its own, at most once in `pause` seconds, until the block ends."""
    over = threading.Event()

    def go() -> None:
        while not over.is_set():
            due = time.monotonic() + pause
            work()
            over.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(2 * probe.PATIENCE)
