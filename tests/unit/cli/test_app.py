"""The command line: exit codes, streams and words, without a cluster."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kubia.cli import app
from tests.unit.cli.running import kubia

PROJECT = "name: shop\nruntime: python\nstackConfigDir: stacks\n"
STACK = "config:\n  shop:contexts: [kubia, 'kind-*']\n"
PROGRAM = """
import os, pulumi, pulumi_kubernetes as k8s
cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="shop")
opts = pulumi.ResourceOptions(provider=cluster)
k8s.core.v1.Namespace("shop", metadata={"name": "shop"}, opts=opts)
pulumi.export("word", pulumi.Output.secret("hunter2"))
pulumi.export("nodePortUrls", ["http://127.0.0.1:30080"])
"""


@pytest.fixture(name="root")
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(STACK)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("KUBIA_STATE", "/nowhere/kubia")
    monkeypatch.setenv("KUBIA_CONTEXT", "kubia")
    return tmp_path


@pytest.mark.parametrize("group", ["", "cluster", "engine", "operator", "secret"])
def test_no_command_is_cut_short_in_the_list_of_commands(group: str) -> None:
    result = CliRunner().invoke(app.app, [*filter(None, [group]), "--help"])

    assert result.exit_code == 0
    lines = result.output.partition("Commands:")[2].splitlines()
    assert any(lines)
    assert [line for line in lines if line.endswith("...")] == []


def test_render_prints_yaml_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kubia(monkeypatch, "render", "--cwd", str(root)) == 0
    assert capsys.readouterr() == (
        "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n",
        "",
    )


def test_the_projects_folder_may_be_named_before_the_command_and_after_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir("/")
    for words in (["-C", str(root), "render"], ["render", "-C", str(root)]):
        assert kubia(monkeypatch, *words, "--stack", "dev") == 0
        assert capsys.readouterr().out.startswith("---\napiVersion: v1\nkind: Namespace\n")
    assert kubia(monkeypatch, "-C", "/", "render", "-C", str(root)) == 0


def test_the_stack_may_be_named_before_the_command_too_and_that_comes_before_the_variable(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "stacks" / "Pulumi.prod.yaml").write_text(STACK)
    monkeypatch.delenv("KUBIA_CONTEXT")
    for words in (["preview", "-s", "prod"], ["-s", "prod", "preview"], ["preview"]):
        monkeypatch.setenv("KUBIA_STACK", "dev" if "-s" in words else "prod")
        assert kubia(monkeypatch, *words) == 0
        assert capsys.readouterr().err == "stack prod, engine kubectl, no cluster\n"
    assert kubia(monkeypatch, "--context", "nope", "preview") == 2
    assert "the context is 'nope'" in capsys.readouterr().err


@pytest.mark.usefixtures("root")
def test_an_empty_variable_names_neither_a_context_nor_a_stack(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBIA_CONTEXT", "")
    monkeypatch.setenv("KUBIA_STACK", "")

    assert kubia(monkeypatch, "preview") == 0
    assert capsys.readouterr().err == "stack dev, engine kubectl, no cluster\n"


def test_a_shell_completes_stacks_and_what_the_program_declares(root: Path) -> None:
    (root / "stacks" / "Pulumi.prod.yaml").write_text(STACK)
    with (root / "__main__.py").open("a") as program:
        program.write('own = {"metadata": {"name": "disk"}, "spec": {}}\n')
        program.write('k8s.apps.v1.DaemonSet("disk", **own, opts=opts)\n')
    parts = "  shop:services: {till: {}}\n  shop:jobs: {tidy: {}}\n"
    (root / "stacks" / "Pulumi.dev.yaml").write_text(STACK + parts)
    completed = {
        "kubia up --stack p": "prod",
        "kubia -s dev logs d": "disk",
        "kubia open x": "",
        "kubia promote t": "till",
        "kubia secret list --service t": "till\ntidy",
        "kubia secret list -s prod --service t": "",
    }
    for line, names in completed.items():
        last = str(len(line.split()) - 1)
        asked = {"COMP_WORDS": line, "COMP_CWORD": last, "_KUBIA_COMPLETE": "complete_bash"}
        shell = CliRunner().invoke(app.app, [], prog_name="kubia", env=asked)
        assert shell.output.strip() == names


def test_outputs_are_masked_unless_shown(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kubia(monkeypatch, "outputs", "--json") == 0
    assert json.loads(capsys.readouterr().out)["word"] == "[secret]"
    assert kubia(monkeypatch, "outputs", "--cwd", str(root), "--show-secrets") == 0
    assert capsys.readouterr().out == (
        '  nodePortUrls  ["http://127.0.0.1:30080"]\n  word          hunter2\n'
    )


@pytest.mark.parametrize("folder", ["/proc/nowhere/x", "Pulumi.yaml"])
def test_a_place_that_cannot_be_written_to_is_one_sentence(
    folder: str, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kubia(monkeypatch, "render", "--out", folder, "--cwd", str(root)) == 1
    assert capsys.readouterr().err in {
        "error: /proc/nowhere: No such file or directory: make it usable, or name another place.\n",
        f"error: --out {root}/Pulumi.yaml: is a file; name a folder.\n",
    }


@pytest.mark.usefixtures("root")
def test_a_preview_without_a_cluster_creates_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KUBIA_CONTEXT")

    assert kubia(monkeypatch, "preview", "--exit-code") == 3
    assert capsys.readouterr() == (
        "  + Namespace shop\n1 to be created\n",
        "stack dev, engine kubectl, no cluster\n",
    )
    assert kubia(monkeypatch, "down") == 0
    assert capsys.readouterr().out == "nothing to delete: the local cluster is not running\n"


@pytest.mark.usefixtures("root")
def test_a_context_that_the_stack_may_not_touch_is_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kubia(monkeypatch, "up", "--context", "prod") == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "error: stack 'dev': the context is 'prod', but this stack may only touch kubia, kind-*; "
        "name another one by --context or $KUBIA_CONTEXT, "
        "or add it to shop:contexts in stacks/Pulumi.dev.yaml\n"
    )


@pytest.mark.usefixtures("root")
def test_a_context_that_kubectl_does_not_know_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kubia(monkeypatch, "up", "--context", "kind-none") == 1
    assert capsys.readouterr().err == (
        "stack dev, engine kubectl, context kind-none\n"
        f"error: no context 'kind-none' in {Path.home()}/.kube/config: "
        "name another one or set KUBECONFIG.\n"
    )


def test_a_context_that_is_mistyped_fails_with_those_that_there_are(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = root / "config"
    config.write_text("contexts: [{name: kind-kind, context: {}}, {name: prod, context: {}}]")
    monkeypatch.setenv("KUBECONFIG", str(config))

    assert kubia(monkeypatch, "status", "--context", "kind-knid") == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: no context 'kind-knid' in {config}; known are kind-kind, prod: "
        "name another one or set KUBECONFIG; did you mean 'kind-kind'?"
    )


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["up", "--no-such-flag"], 2),
        (["up", "--stack", "prod"], 2),
        (["render", "--cwd", "/"], 2),
    ],
)
def test_exit_codes(
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert kubia(monkeypatch, *arguments) == code

    said = capsys.readouterr()
    assert bool(said.err) == (code != 0)
    assert bool(said.out) == (code == 0)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("raise KeyboardInterrupt", 130),
        ("import os; os.kill(os.getpid(), 2)", 130),
        ("import os; os.kill(os.getpid(), 15)", 143),
        ("import os; os.kill(os.getpid(), 1)", 129),
    ],
)
def test_an_interruption_is_told_whatever_the_signal(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
    code: int,
) -> None:
    (root / "__main__.py").write_text(f"{how}\n")
    own: dict[int, Any] = {
        1: signal.SIG_DFL,
        2: signal.default_int_handler,
        15: signal.SIG_DFL,
    }
    # Whoever runs the tests in the background may have had them ignored.
    before = {number: signal.signal(number, handler) for number, handler in own.items()}
    try:
        assert kubia(monkeypatch, "render") == code
        assert capsys.readouterr().err == (
            "error: interrupted: what was done stays; run the same again to go on.\n"
        )
        assert {number: signal.getsignal(number) for number in own} == own
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["API_TOKEN=hunter2"], "API_TOKEN"),
        (["API_TOKEN", "hunter2"], "API_TOKEN"),
        (["API_TOKEN", "hunter2", "and", "more", "--stack", "dev"], "API_TOKEN"),
        (["https://me:hunter2@host?a=b"], "NAME"),
    ],
)
def test_a_secrets_value_on_the_command_line_is_refused_and_not_shown(
    words: list[str],
    shown: str,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = root / "stacks" / "Pulumi.dev.yaml"
    file.write_text(f"{STACK}  shop:services: {{till: {{image: 'shop:1'}}}}\n")

    assert kubia(monkeypatch, "secret", "set", *words) == 2
    assert capsys.readouterr().err == (
        f"error: {shown}: its value stands on the command line, where others can read it: give "
        "the name alone; the value is read from standard input, or asked for.\n"
    )
    assert kubia(monkeypatch, "secret", "rm", "API_TOKEN=hunter2") == 2
    assert capsys.readouterr().err == "error: there is no secret 'API_TOKEN': till has none.\n"
