"""Which cluster a stack may touch."""

from pathlib import Path

import pytest

from kubia import context
from kubia.mistakes import MistakeError


def test_without_a_kubeconfig_there_is_no_context() -> None:
    assert context.current() is None


def test_the_variable_wins_over_the_kubeconfig(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "config"
    file.write_text("current-context: minikube\n")
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert context.current() == "minikube"
    monkeypatch.setenv("KUBIA_CONTEXT", "kind-one")
    assert context.current() == "kind-one"


def test_the_first_kubeconfig_that_names_a_context_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / "b").write_text("current-context: b\n")
    (tmp_path / "c").write_text("current-context: c\n")
    files = [tmp_path / "missing", tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))
    assert context.current() == "b"


def test_a_context_is_known_if_any_kubeconfig_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("current-context: a\n")
    (tmp_path / "b").write_text("contexts: [{name: b, context: {}}]\n")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'a'}:{tmp_path / 'b'}:{tmp_path / 'missing'}")
    assert context.is_known("b")
    assert not context.is_known("a")


def test_the_kubeconfig_at_home_is_read_when_none_is_named() -> None:
    config = Path.home() / ".kube" / "config"
    config.parent.mkdir(parents=True)
    config.write_text("current-context: at-home\n")
    assert context.current() == "at-home"


@pytest.mark.parametrize(
    ("name", "pattern"), [("kubia", "kubia"), ("kind-a", "kind-*"), ("x", "*")]
)
def test_a_context_that_a_pattern_matches_is_allowed(name: str, pattern: str) -> None:
    assert context.allowed(name, ["other", pattern], "dev") == name


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("prod", "the context is 'prod'"),
        ("KIND-a", "the context is 'KIND-a'"),
        ("my-kind-a", "the context is 'my-kind-a'"),
        (None, "there is no current context"),
    ],
)
def test_any_other_is_refused_with_both_shown(name: str | None, given: str) -> None:
    with pytest.raises(MistakeError) as caught:
        context.allowed(name, ["kubia", "kind-*"], "dev")
    assert str(caught.value) == (
        f"stack 'dev': {given}, but this stack may only touch kubia, kind-*; "
        "name another one by $KUBIA_CONTEXT or `kubectl config use-context`, "
        "or add it to `contexts` in the stack's file"
    )
