"""kubia.actions.up: a protected stack is asked about, and scripts read JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from kubia.actions import engine as engines
from kubia.actions import up as action
from kubia.errors import InvalidError
from kubia.releases.record import UpOptions
from tests.unit import releasing
from tests.unit.releasing import Shop

Ask = Callable[[str], list[str]]


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = releasing.shop(tmp_path, monkeypatch)
    monkeypatch.setattr(engines, "of", lambda _session: shop.engine)
    return shop


@pytest.fixture(name="answering")
def _answering(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Lend a terminal at which somebody answers; the questions that were asked."""
    questions: list[str] = []

    def answering(answer: str) -> list[str]:
        def confirm(question: str, **_more: object) -> None:
            questions.append(question)
            if answer == "no":
                raise typer.Abort

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(typer, "confirm", confirm)
        return questions

    return answering


def up(shop: Shop, *, yes: bool = False, as_json: bool = False) -> None:
    action.up(shop.session, UpOptions(), None, None, 0.01, yes=yes, as_json=as_json)


def protect(shop: Shop, value: str = "true") -> None:
    shop.edit("  shop:namespace", f"  shop:protect: {value}\n  shop:namespace")


def test_a_protected_stack_is_changed_only_if_the_user_agrees(shop: Shop, answering: Ask) -> None:
    protect(shop)
    questions = answering("no")
    with pytest.raises(typer.Abort):
        up(shop)
    assert shop.server.writes == []

    answering("yes")
    up(shop)
    assert shop.states() == ["deployed"]
    assert questions == ["Change the protected stack dev in fake?"] * 2
    up(shop)  # nothing would change, so nothing is asked
    assert len(questions) == 2


def test_without_a_terminal_it_is_misuse_unless_yes_is_given(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    protect(shop)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(InvalidError) as caught:
        up(shop)
    assert str(caught.value) == "there is no terminal to ask on: give --yes to go ahead."
    assert shop.server.writes == []

    up(shop, yes=True)
    assert shop.states() == ["deployed"]


@pytest.mark.parametrize("yes", [True, False])
def test_a_protection_that_is_neither_true_nor_false_is_misuse(shop: Shop, *, yes: bool) -> None:
    protect(shop, "yes")

    with pytest.raises(InvalidError) as caught:
        up(shop, yes=yes)

    assert str(caught.value) == ("Pulumi.dev.yaml: shop:protect: is 'yes'; must be true or false")
    assert shop.server.writes == []


def test_a_script_reads_json_alone(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    up(shop, as_json=True)

    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert {key: summary[key] for key in ("stack", "engine", "context", "outputs")} == {
        "stack": "dev",
        "engine": "kubectl",
        "context": "fake",
        "outputs": {},
    }
    assert summary["release"]["state"] == "deployed"
