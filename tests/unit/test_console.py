"""kubia.console: results, and words about what goes on."""

import sys

import pytest

from kubia import console
from kubia.errors import InvalidError


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [("NO_COLOR", "1", ""), ("TERM", "dumb", ""), ("TERM", "xterm", "\x1b[0m")],
)
def test_a_terminal_is_coloured_unless_the_user_wants_none(
    name: str,
    value: str,
    codes: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for other in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    console.error("no")

    text = capsys.readouterr().err
    assert codes in text
    assert bool(codes) == ("\x1b" in text)


def test_results_go_aside_where_standard_output_is_for_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with console.aside():
        console.out("a result")
    console.out("{}")
    assert capsys.readouterr() == ("{}\n", "a result\n")


def test_where_nobody_can_be_asked_a_question_is_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(InvalidError) as caught:
        console.confirm("Go ahead?")
    assert str(caught.value) == "there is no terminal to ask on: give --yes to go ahead."
