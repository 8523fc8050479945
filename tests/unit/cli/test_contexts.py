"""Which cluster a command reaches, by what the user has named and where."""

from pathlib import Path
from typing import NoReturn

import pytest

from kubia.actions import reach
from tests.unit.cli.running import kubia

USERS = """
current-context: prod
contexts: [{name: prod, context: {}}, {name: kind-x, context: {}}]
"""


class Replaced(BaseException):
    """Another program has taken this process's place."""


@pytest.fixture(name="kubectl", autouse=True)
def _kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lend the words that kubectl was called with; nobody's local cluster runs."""
    called: list[str] = []

    def replace(_program: str, words: list[str]) -> NoReturn:
        called[:] = words[1:]
        raise Replaced

    (tmp_path / "config").write_text(USERS)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("KUBIA_STATE", str(tmp_path / "state"))
    monkeypatch.setattr("os.execv", replace)
    monkeypatch.setattr(reach, "binary", lambda: Path("kubectl"))
    return called


def test_an_empty_variable_names_no_context(
    kubectl: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBIA_CONTEXT", "")

    assert kubia(monkeypatch, "kubectl", "get", "ns") == 1
    assert kubectl == []
    assert capsys.readouterr().err == (
        "error: the local cluster is not running: start it by `kubia cluster up`, "
        "or name another one by --context.\n"
    )


@pytest.mark.parametrize("words", [("--context", "", "kubectl"), ("up", "--context=")])
def test_an_empty_option_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert kubia(monkeypatch, *words) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "Error: Invalid value for '--context': is empty; name a kubeconfig context, "
        "or leave the option out."
    )
