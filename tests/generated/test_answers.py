"""Whatever one answer of an API server is: a sentence, no traceback, and no half of a change.

SEED chooses other cases and COUNT how many.
"""

import contextlib
import copy
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from kubia import yaml12
from kubia.actions.drift import drift
from kubia.actions.kubectl import KubectlEngine
from kubia.apply.connection import ApiError, Connection
from kubia.apply.wait import Timing
from kubia.errors import KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.releases.record import UpOptions
from tests.generated.test_input import COUNT, SECRET, SEED, generated, sentence, values
from tests.generated.test_sequences import session
from tests.sequences import State
from tests.unit import applied
from tests.unit.apiserver import Server

STATE = State(secret=SECRET)
CODES = (200, 201, 301, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503)
MOST = 50
"""Requests among which is the one that is answered so; a command with fewer escapes."""

Answer = tuple[int, bytes]


class Odd(Connection):
    """Speaks to an API server in memory, one of whose answers is another one."""

    def __init__(self, server: Server, number: int, answer: Answer) -> None:
        """Give the answer to the request of this number."""
        super().__init__("fake", Path("nowhere"))
        self.server = server
        self.number = number
        self.answer = answer
        self.is_early = False
        """Whether that answer was to a question, and nothing had been written before."""

    def _send(
        self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        self.number -= 1
        if self.number == 0:
            asks = method == "GET" or "dryRun" in url or "/leases" in url
            self.is_early = asks and not self.server.writes
            return self.answer
        path, _, query = url.partition("?")
        body = None if data is None else yaml12.load(data.decode(), "body")
        try:
            answer = self.server.request(
                method, path, dict(parse_qsl(query)), body, headers["Content-Type"]
            )
        except ApiError as error:
            status = {"kind": "Status", **error.status}
            return error.code, json.dumps(status).encode()
        return 200, (answer if isinstance(answer, str) else json.dumps(answer)).encode()


def copied(server: Server) -> Server:
    """Return a server that holds the same."""
    other = copy.copy(server)
    other.objects, other.writes = applied.copied(server.objects), []
    return other


COMMANDS: Mapping[str, Callable[[KubectlEngine], object]] = {
    "up": lambda engine: engine.up(UpOptions(), RolloutMonitor()),
    "preview": lambda engine: engine.preview(force_conflicts=False, as_json=False),
    "drift": lambda engine: drift(engine, repair=False, strict=True, as_json=True),
    "down": lambda engine: engine.down(yes=True, delete_namespace=True),
}


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Draw an answer: of a gateway, of a portal, or of a server that is broken."""
    code = draw(st.sampled_from(CODES))
    said = draw(values | st.fixed_dictionaries({"metadata": values, "items": values}))
    if draw(st.booleans()):
        said = {"kind": "Status", "message": said, "details": draw(values), "reason": draw(values)}
    return code, draw(st.just(json.dumps(said).encode()) | st.binary(max_size=20))


@pytest.fixture(name="before", scope="module")
def _before() -> Iterator[Server]:
    """Lend a cluster in which the state runs that the commands change."""
    server, clock, slept = Server(), time.monotonic, 0.0

    def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBIA_WHO", "a test")
        # Whoever waits for what an answer hid waits to the end of its patience, which is minutes.
        patch.setattr("time.sleep", sleep)
        patch.setattr("time.monotonic", lambda: clock() + slept)
        run("up", State(), Odd(server, 0, (0, b"")))
        server.writes.clear()
        yield server


def run(command: str, state: State, odd: Odd) -> tuple[str, KubiaError | None]:
    """Run a command; return all that it printed, and how it failed."""

    @contextlib.contextmanager
    def connect(_context: str) -> Iterator[Connection]:
        yield odd

    printed = io.StringIO()
    failed = None
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            COMMANDS[command](KubectlEngine(session(state), connect, Timing(settling=0.0)))
        except KubiaError as error:
            failed = error
    return printed.getvalue(), failed


@seed(SEED)
@settings(generated, max_examples=COUNT // 3)
@given(st.sampled_from([*COMMANDS]), st.integers(1, MOST), answers())
def test_a_command_ends_with_a_sentence_or_has_done_all_that_it_says(
    before: Server, command: str, number: int, answer: Answer
) -> None:
    server = copied(before)
    odd = Odd(server, number, answer)

    printed, failed = run(command, STATE, odd)

    assert SECRET not in printed
    if failed:
        sentence(failed)
    if failed and odd.is_early:
        assert server.writes == []
    if not failed and command == "down":
        assert not [path for path in server.objects if "/shop-one" in path]
    if not failed and command == "up":
        again = run("preview", STATE, Odd(server, 0, answer))
        assert again[0].strip().endswith("unchanged"), again
