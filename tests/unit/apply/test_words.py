"""kubia.apply.words: what a plugin says is shown, what kubectl says of itself is kept."""

import os

import pytest

from kubia.apply.words import Words


def test_a_plugins_words_are_shown_once_kubectl_runs(capsys: pytest.CaptureFixture[str]) -> None:
    words = Words()
    os.write(words.end, b"open https://login\nE1125 10:00:00.1 12 proxy.go:1] Error: refused\n")
    assert words.all() == ("open https://login\nE1125 10:00:00.1 12 proxy.go:1] Error: refused")
    assert capsys.readouterr().err == ""

    words.release()

    assert capsys.readouterr().err == "open https://login\n"


@pytest.mark.parametrize("held", [False, True])
def test_what_comes_at_the_end_is_not_shown(
    held: bool,  # noqa: FBT001 - one of two cases
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = Words()
    words.release()
    if held:
        words.hold()
    os.write(words.end, b"Terminated\n")
    words.all()

    assert capsys.readouterr().err == ("" if held else "Terminated\n")
