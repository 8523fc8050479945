"""Which cluster a command reaches, by what the user has named and where."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from kubia.actions import reach
from kubia.operator.flags import parse
from tests.unit.cli.running import kubia

USERS = """
current-context: prod
contexts: [{name: prod, context: {}}, {name: kind-x, context: {}}]
"""


class Replaced(BaseException):
    """Another program has taken this process's place."""


@pytest.fixture(name="kubectl", autouse=True)
def _kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lend the words that a program was called with; nobody's local cluster runs."""
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


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        ("--context kind-x kubectl get ns", "--context=kind-x get ns"),
        ("kubectl --context kind-x get ns", "--context=kind-x get ns"),
        ("kubectl get ns --context kind-x", "--context=kind-x get ns --context kind-x"),
        ("kubectl -n a get ns --context=kind-x", "--context=kind-x -n a get ns --context=kind-x"),
        ("kubectl -h", "-h"),
        ("kubectl get --help", "get --help"),
        ("kubectl", ""),
        ("kubectl version --client", "version --client"),
        ("kubectl --v=5 completion bash", "--v=5 completion bash"),
    ],
)
def test_kubectl_is_asked_for_the_cluster_that_is_named_or_for_none(
    kubectl: list[str], monkeypatch: pytest.MonkeyPatch, words: str, passed: str
) -> None:
    with pytest.raises(Replaced):
        kubia(monkeypatch, *words.split())
    assert kubectl == passed.split()


@pytest.mark.parametrize(
    "words",
    [
        "get ns",
        "version",
        "version --client=false",
        "exec web -- ls --context kind-x --help",
        "-n config delete pod web",
        "--namespace plugin get pods",
    ],
)
def test_kubectl_is_not_asked_for_a_cluster_that_nobody_named(
    kubectl: list[str], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    assert kubia(monkeypatch, "kubectl", *words.split()) == 1
    assert kubectl == []


@pytest.mark.parametrize(
    ("words", "variables", "context"),
    [
        ("--context a operator run", {"KUBIA_CONTEXT": "b"}, "a"),
        ("operator run --context a", {"KUBIA_OPERATOR_CONTEXT": "b"}, "a"),
        ("operator run", {"KUBIA_OPERATOR_CONTEXT": "a", "KUBIA_CONTEXT": "b"}, "a"),
        ("operator run", {"KUBIA_CONTEXT": "a"}, "a"),
        ("operator run", {"KUBIA_CONTEXT": ""}, ""),
    ],
)
def test_the_operator_keeps_the_cluster_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
    kubectl: list[str],
    words: str,
    variables: dict[str, str],
    context: str,
) -> None:
    monkeypatch.setenv("KUBIA_OPERATOR_CONTEXT", "")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(Replaced):
        kubia(monkeypatch, *words.split(), "--namespaces", "shop")
    assert kubectl == ["-m", "kubia.operator", "--namespaces", "shop"]
    assert parse(kubectl[2:], os.environ).context == context
