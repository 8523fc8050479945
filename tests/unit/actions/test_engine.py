"""One engine interface; a command runs the stack's program once, whatever it needs it for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kubia.actions import engine
from kubia.actions.drift import drift
from kubia.actions.kubectl import KubectlEngine
from kubia.actions.pulumi import PulumiEngine
from kubia.actions.rollback import rollback
from kubia.actions.up import bring_up
from kubia.errors import KubiaError
from kubia.observe.monitor import Timing, monitored
from kubia.observe.probe import Answer
from kubia.releases.record import UpOptions
from kubia.session import Session
from tests.unit.releasing import PROGRAM, Shop, shop

COUNTING = 'with open("runs", "a") as runs:\n    runs.write("x")\n'


@pytest.fixture(name="counted")
def _counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Lend a shop at its second release, whose program notes each of its runs from here on."""
    lent = shop(tmp_path / "shop", monkeypatch)
    lent.up()
    lent.edit("web:v1", "web:v2")
    lent.up()
    (lent.root / "__main__.py").write_text(COUNTING + PROGRAM)
    return lent


def observed_up(counted: Shop) -> None:
    on = counted.engine
    picture = counted.root / "release.svg"

    def ask(_url: str) -> Answer:
        return Answer(is_error=False)

    with monitored(
        on.session, "http://x", picture, ask=ask, connect=on.connect, timing=Timing(pods=0.01)
    ) as monitor:
        bring_up(on, UpOptions(), monitor)


COMMANDS: dict[str, tuple[Callable[[Shop], object], int]] = {
    "up": (lambda it: it.up(), 1),
    "up with a timeline": (observed_up, 1),
    "preview": (lambda it: it.engine.preview(force_conflicts=False, as_json=False), 1),
    "down": (lambda it: it.engine.down(yes=True), 1),
    "outputs": (lambda it: it.engine.outputs(show_secrets=False), 1),
    "history": (lambda it: it.engine.history(), 0),
    "drift": (lambda it: drift(it.engine, repair=True, strict=False, as_json=False), 1),
    "rollback": (lambda it: rollback(it.engine, None, force_conflicts=False, yes=True), 1),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs_the_program_once(counted: Shop, command: str) -> None:
    carry_out, times = COMMANDS[command]

    carry_out(counted)

    runs = counted.root / "runs"
    assert (len(runs.read_text()) if runs.exists() else 0) == times


def test_a_failed_release_that_is_undone_runs_what_failed_and_what_was_good(counted: Shop) -> None:
    counted.edit("web:v2", "web:v3")
    counted.server.broken.add("web:v3")

    with pytest.raises(KubiaError):
        counted.up(UpOptions(undo_on_failure=True))

    assert (counted.root / "runs").read_text() == "xx"


def test_the_session_says_which_engine_it_is(counted: Shop) -> None:
    session = counted.session
    assert isinstance(engine.of(session), KubectlEngine)
    assert isinstance(engine.of(Session(session.stack, "pulumi", "fake")), PulumiEngine)
