"""What users are told about their mistakes: the whole table of tests/bad_inputs.py, in-process."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.mistakes import MistakeError
from stacks import settings
from tests import bad_inputs
from tests.bad_input import FILE, BadInput
from tests.unit.programs import ROOT, Recorder, stack_config

OF_SETTINGS = [bad for bad in bad_inputs.STACK_FILE if bad.text.startswith(FILE)]


def changed(bad: BadInput, folder: Path) -> dict[str, Any]:
    bad.prepare(folder)
    config: dict[str, Any] = bad.stack_file({"config": stack_config("dev")}, folder)["config"]
    return config


@pytest.mark.parametrize("bad", OF_SETTINGS, ids=lambda bad: bad.id)
def test_settings_refuse_it_in_these_words(bad: BadInput, tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as caught:
        settings.parse(FILE, changed(bad, tmp_path))
    assert str(caught.value) == bad.expected(ROOT, tmp_path)


@pytest.mark.parametrize("bad", bad_inputs.STACK_FILE, ids=lambda bad: bad.id)
def test_the_program_refuses_it_in_these_words(bad: BadInput, tmp_path: Path) -> None:
    config = changed(bad, tmp_path)
    with pytest.raises(MistakeError) as caught:
        Recorder(preview=True).file("dev", config)
    assert str(caught.value) == bad.expected(ROOT, tmp_path)
    assert caught.value.exit_code == bad.exit_code


@pytest.mark.parametrize("bad", bad_inputs.FLAGS, ids=lambda bad: bad.id)
def test_the_command_line_refuses_it_in_these_words(
    bad: BadInput,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["kubia", *bad.argv])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("kubia.cli.main", run_name="__main__")
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.partition(": ")[2] == bad.expected(ROOT, tmp_path)
    assert said.lower().startswith("error: ")
    assert caught.value.code == bad.exit_code


def test_the_table_is_long_and_every_mistake_has_its_own_name() -> None:
    ids = [bad.id for bad in bad_inputs.EVERY]
    assert len(ids) >= 45
    assert len(ids) == len(set(ids))


def test_no_secret_is_repeated_to_the_screen() -> None:
    assert [bad.id for bad in bad_inputs.EVERY if "hunter2" in bad.text] == []


def test_a_mistake_in_one_stack_file_names_that_file() -> None:
    config = stack_config("prod")
    config["kubia:namespace"] = "Prod"
    with pytest.raises(InvalidError) as caught:
        settings.parse("stacks/Pulumi.prod.yaml", config)
    assert str(caught.value).startswith("stacks/Pulumi.prod.yaml: kubia:namespace: 'Prod' is not")
