"""kubia.actions.afterwards: what is said at the end of an `up`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kubia.actions import afterwards
from kubia.observe import probe
from kubia.observe.probe import SILENT, Answer
from tests.unit import releasing
from tests.unit.releasing import Shop

OUTPUTS = {"nodePortUrls": ["http://127.0.0.1:30080"]}
REFUSED = Answer(is_error=True, otherwise=SILENT, reason="Connection refused")


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("KUBIA_STATE", str(tmp_path / "state"))
    return releasing.shop(tmp_path / "shop", monkeypatch)


def answers(shop: Shop, capsys: pytest.CaptureFixture[str]) -> str:
    afterwards.show_where_it_answers(shop.session, OUTPUTS)
    return capsys.readouterr().out


def test_where_a_stack_answers_it_is_said_how_to_ask_once_it_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    coming = iter([REFUSED, REFUSED, Answer(is_error=False)])
    monkeypatch.setattr(probe, "ask", lambda _: next(coming))

    assert answers(shop, capsys) == "look at it: curl http://127.0.0.1:30080\n"
    assert next(coming, None) is None


def test_an_error_is_an_answer_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(probe, "ask", lambda _: Answer(is_error=True))

    assert answers(shop, capsys) == "look at it: curl http://127.0.0.1:30080\n"


def test_where_nothing_answers_in_time_it_is_said_why(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(afterwards, "PATIENCE", 0.0)
    monkeypatch.setattr(probe, "ask", lambda _: REFUSED)

    assert answers(shop, capsys) == (
        "nothing answers at http://127.0.0.1:30080 yet: Connection refused\n"
    )


def test_where_nothing_answers_it_is_said_why(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.edit("strategy: {type: Canary}", "replicas: 0\n      nodePort: 30080")
    assert answers(shop, capsys) == (
        "nothing answers at http://127.0.0.1:30080: shop:services.web.replicas is 0\n"
    )
    settings: dict[str, Any] = {
        "name": "fake",
        "nodes": "simulated",
        "reason": None,
        "address": "127.0.0.1",
        "pods": "",
        "services": "",
        "ports": {},
        "host": None,
    }
    cluster = tmp_path / "state" / "clusters" / "fake"
    cluster.mkdir(parents=True)
    (cluster / "cluster.json").write_text(json.dumps(settings))
    assert answers(shop, capsys) == (
        "nothing answers at http://127.0.0.1:30080: the node is simulated: "
        "pods only seem to run, and no container answers\n"
    )


def test_the_commands_for_more_name_the_stack_and_its_namespace(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.argv", [".venv/bin/kubia", "up"])
    monkeypatch.chdir(shop.root)
    afterwards.show_commands(replace(shop.session, context="kubia"))

    assert capsys.readouterr().out == (
        "what runs: .venv/bin/kubia status, .venv/bin/kubia logs NAME, .venv/bin/kubia open NAME, "
        ".venv/bin/kubia kubectl get pods -n shop\n"
    )


@pytest.mark.parametrize(
    ("context", "variables", "folder", "own", "chosen"),
    [
        ("fake", {"KUBIA_CONTEXT": "fake"}, "shop", " --context fake", ""),
        ("a b", {}, "shop/help", " --context 'a b'", ""),
        ("kubia", {"KUBIA_CONTEXT": "fake"}, "shop", " --context kubia", ""),
        ("kubia", {"KUBIA_CONTEXT": "", "KUBIA_STACK": ""}, "shop", "", ""),
        ("kubia", {"KUBIA_STACK": "prod"}, "shop", "", " -s dev"),
        ("kubia", {}, ".", "", " -C {root}"),
    ],
)
def test_the_commands_for_more_name_what_another_shell_does_not_mean(  # noqa: PLR0913 - the table
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    context: str,
    variables: dict[str, str],
    folder: str,
    own: str,
    chosen: str,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.argv", ["kubia", "up"])
    monkeypatch.chdir(shop.root.parent / folder)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    afterwards.show_commands(replace(shop.session, context=context))

    each = f"kubia{own}{chosen.format(root=shop.root)}"
    assert capsys.readouterr().out == (
        f"what runs: {each} status, {each} logs NAME, {each} open NAME, "
        f"kubia{own} kubectl get pods -n shop\n"
    )
