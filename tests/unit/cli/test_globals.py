"""What may stand before a command reaches each command, or is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from kubia.cli import app
from tests.unit.cli.running import kubia

ROOT: Any = typer.main.get_command(app.app)
GLOBALS = {"stack": "a", "cwd": "/", "context": "b"}
"""By name, a value for each option that may stand before a command."""


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command, with the words that name it."""
    for name, inside in group.commands.items():
        if hasattr(inside, "commands"):
            yield from commands(inside, *path, name)
        else:
            yield (*path, name), inside


EVERY = dict(commands(ROOT))
CASES = [(path, name) for path in EVERY for name in GLOBALS]
IDS = [" ".join((*path, f"--{name}")) for path, name in CASES]


def test_these_are_the_options_that_may_stand_before_a_command() -> None:
    assert {param.name for param in ROOT.params if not param.is_flag} == GLOBALS.keys()
    assert len(EVERY) >= 30


@pytest.mark.parametrize(("path", "name"), CASES, ids=IDS)
def test_an_option_before_a_command_reaches_it_or_is_refused(
    path: tuple[str, ...],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = EVERY[path]
    taken: dict[str, Any] = {}
    monkeypatch.setattr(command, "callback", lambda **given: taken.update(given))
    monkeypatch.setattr(typer.main, "get_command", lambda _: ROOT)
    needed = [param.opts[0] for param in command.params if param.required]
    words = [
        word for opt in needed for word in (opt, "pulumi") if word[0] == "-" or word == "pulumi"
    ]

    code = kubia(monkeypatch, f"--{name}", GLOBALS[name], *path, *words)

    if name in {param.name for param in command.params}:
        assert (code, str(taken[name])) == (0, GLOBALS[name])
    else:
        assert (code, taken) == (2, {})
        assert capsys.readouterr().err == (
            f"error: --{name}: `kubia {path[0]}` does not take it; leave it out.\n"
        )
