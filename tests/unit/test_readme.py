"""README.md: what it says to type works as it stands, as far as no cluster is needed for it."""

import io
import re
import runpy
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from kubia.cli import app
from kubia.errors import InvalidError
from stacks import settings
from tests.unit.programs import ROOT, Recorder, stack_config

TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
COMMANDS = [
    line.partition("  #")[0]
    for _, block in BLOCKS
    for line in block.splitlines()
    if line.startswith("kubia ")
]
BUILDS = re.findall(r"`(docker build [^`]*)`", TEXT)
ANYTHING = frozenset({"kubectl", "operator"})
"""Commands that take whatever kubectl, or the operator, takes."""


def kubia(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["kubia", *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("kubia.cli.main", run_name="__main__")
    return int(ended.value.code or 0)


def command(line: str) -> tuple[str, Mapping[str, Any], list[str]]:
    """Return the name of the command that a line calls, its parameters, and the words for it."""
    words = shlex.split(line)[1:]
    here: Any = typer.main.get_command(app.app)
    before = {name for param in here.params for name in param.opts}
    while words[0] in before:
        del words[:2]
    name = words[0]
    while hasattr(here, "commands"):
        here = here.commands[words.pop(0)]
    return name, {opt: param for param in here.params for opt in param.opts}, words


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_that_is_named_exists_with_its_options(line: str) -> None:
    name, params, words = command(line)
    options = {word for word in words if word.startswith("-")}
    assert name in ANYTHING or options <= params.keys()
    arguments = [param for opt, param in params.items() if not opt.startswith("-")]
    needed = [param for param in arguments if param.required]
    given = [word for word in words if not word.startswith("-")]
    assert name in ANYTHING or len(needed) <= len(given)


def test_the_program_of_ones_own_renders_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for _, block in BLOCKS:
        if named := re.match(r"# (my-program/\S+)\n", block):
            (tmp_path / named[1]).parent.mkdir(exist_ok=True)
            (tmp_path / named[1]).write_text(block)
    monkeypatch.chdir(tmp_path)
    (line,) = (line for line in COMMANDS if " render " in line)

    assert kubia(monkeypatch, *shlex.split(line)[1:]) == 0
    objects = list(yaml.safe_load_all(capsys.readouterr().out))
    assert {each["kind"] for each in objects} >= {"Namespace", "Deployment", "Service"}
    assert {each["metadata"].get("namespace", "shop") for each in objects} == {"shop"}


def test_a_secret_is_set_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hunter2\n")))
    (line,) = (line for line in COMMANDS if " secret set " in line)

    assert kubia(monkeypatch, *shlex.split(line)[1:]) == 0
    text = (tmp_path / "stacks/Pulumi.dev.yaml").read_text()
    assert "API_TOKEN" in text
    assert "hunter2" not in text


def test_the_site_that_is_added_is_a_configmap_a_deployment_and_a_service(
    record: Recorder,
) -> None:
    (block,) = (block for name, block in BLOCKS if name == "yaml" and "kubia:sites" in block)
    sites = yaml.safe_load(block)["kubia:sites"]
    config = settings.parse("README.md", {**stack_config("dev"), "kubia:sites": sites})
    assert list(config.sites) == ["handbook"]

    def change(values: dict[str, Any]) -> None:
        values["kubia:sites"]["handbook"] = {"content": {"index.html": "hello"}}

    added = record.stack("dev", change)
    new = [each for each in added.kubernetes if each.name.startswith("handbook")]
    kinds = sorted(each.type.rpartition(":")[2] for each in new)
    assert kinds == ["ConfigMap", "Deployment", "Service"]


def test_the_tree_is_what_the_program_declares(record: Recorder) -> None:
    (tree,) = (block for _, block in BLOCKS if block.startswith("pulumi:pulumi:Stack"))
    shown = [tuple(line.lstrip("│├└─ ").split()) for line in tree.splitlines()[1:]]
    declared = record.stack("dev")
    assert sorted(shown) == sorted((each.type, each.name) for each in declared)


def test_mistakes_are_told_in_these_words() -> None:
    (block,) = (block for _, block in BLOCKS if block.startswith("error: stacks/"))
    config = stack_config("dev")
    config["kubia:services"]["kubia"] |= {"imag": "kubia:v1", "replicas": -1}
    config["kubia:sites"]["hello"]["content"]["/a"] = "c"
    with pytest.raises(InvalidError) as caught:
        settings.parse("stacks/Pulumi.dev.yaml", config)
    assert {f"error: {each}" for each in caught.value.problems} == {*block.splitlines()}


def copied(build: list[str]) -> Iterator[tuple[str, Path]]:
    """Yield what a build copies out of its context, and the context."""
    context = ROOT / build[-1]
    for line in (ROOT / build[build.index("-f") + 1]).read_text().splitlines():
        instruction, *words = line.split() or [""]
        if instruction == "COPY" and not words[0].startswith("--from"):
            yield from ((word, context) for word in words[:-1])


@pytest.mark.parametrize("line", BUILDS)
def test_an_image_is_built_of_files_that_docker_finds(line: str) -> None:
    sources = list(copied(shlex.split(line)))
    assert sources
    assert [name for name, context in sources if not (context / name).exists()] == []
