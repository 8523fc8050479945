"""kubia.project.stackfile: project and stack files, with their secrets opened."""

from pathlib import Path

import pytest

from kubia.errors import InvalidError
from kubia.project import stackfile
from tests.unit.sealing import Sealer

PROJECT = """
name: shop
runtime: python
stackConfigDir: stacks
config:
  size: {type: integer, default: 2}
  colour: {value: red}
  described: {description: only words}
  other:key: plain
"""


def files(tmp_path: Path, **stacks: str) -> stackfile.Project:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "stacks").mkdir()
    for name, text in stacks.items():
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text(text)
    return stackfile.project(tmp_path)


def problem(project: stackfile.Project, name: str) -> str:
    with pytest.raises(InvalidError) as caught:
        stackfile.stack(project, name)
    return str(caught.value)


def test_values_of_a_stack_win_over_the_projects_defaults(tmp_path: Path) -> None:
    project = files(tmp_path, dev="config:\n  shop:size: 3\n  since: '2026-01-31'\n")

    assert stackfile.stack(project, "dev").config == {
        "shop:size": 3,
        "shop:colour": "red",
        "other:key": "plain",
        "shop:since": "2026-01-31",
    }


def test_the_project_is_found_from_a_folder_below(tmp_path: Path) -> None:
    files(tmp_path)

    assert stackfile.project(tmp_path / "stacks").root == tmp_path


def test_no_project_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as caught:
        stackfile.project(tmp_path)

    assert str(caught.value) == (
        f"no Pulumi.yaml in {tmp_path} or above: go to a Pulumi project, or name one by --cwd."
    )


def test_an_unknown_stack_lists_those_there_are(tmp_path: Path) -> None:
    project = files(tmp_path, dev="", prod="")

    assert problem(project, "prd") == (
        "stack 'prd' does not exist: allowed are dev, prod; did you mean 'prod'?"
    )
    assert problem(project, "x") == "stack 'x' does not exist: allowed are dev, prod."


def test_malformed_yaml_names_file_and_line(tmp_path: Path) -> None:
    project = files(tmp_path, dev="config:\n  a: [1\n")

    assert problem(project, "dev").startswith(f"{tmp_path}/stacks/Pulumi.dev.yaml:3: not YAML: ")


def test_a_value_that_pulumi_would_read_otherwise_names_file_and_line(tmp_path: Path) -> None:
    project = files(tmp_path, dev="config:\n  since: 2026-01-31\n  shop:size: 3\n  shop:size: 4\n")

    with pytest.raises(InvalidError) as caught:
        stackfile.stack(project, "dev")
    file = f"{tmp_path}/stacks/Pulumi.dev.yaml"
    assert caught.value.problems == (
        f"{file}:2: config.since is a date to Pulumi: put it in quotes for a text.",
        f"{file}:4: config has the key shop:size twice, first in line 3: remove one.",
    )


def test_a_key_given_with_and_without_the_projects_name_is_refused(tmp_path: Path) -> None:
    project = files(tmp_path, dev="config:\n  size: 3\n  shop:size: 4\n")

    assert problem(project, "dev") == (
        f"{tmp_path}/stacks/Pulumi.dev.yaml: config: size: is given as shop:size too; "
        "keep one of them."
    )


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_says_so(encoding: str, tmp_path: Path) -> None:
    project = files(tmp_path, dev="")
    file = tmp_path / "stacks" / "Pulumi.dev.yaml"
    file.write_bytes("config: {a: é}\n".encode(encoding))

    assert problem(project, "dev") == (
        f"{file}:1: holds what is no UTF-8: save the file in that encoding."
    )


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    project = files(tmp_path, dev="\ufeffconfig: {a: é}\r\n")

    assert stackfile.stack(project, "dev").config["shop:a"] == "é"


def test_secrets_are_decrypted_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = Sealer("correct horse")
    project = files(
        tmp_path,
        dev=f"encryptionsalt: {sealer.salt}\n"
        "config:\n"
        "  shop:open: yes it is\n"
        f"  shop:word: {{secure: '{sealer.seal('hunter2')}'}}\n"
        f"  shop:deep: {{keys: [a, {{secure: '{sealer.seal('k')}'}}]}}\n",
    )
    file = tmp_path / "phrase"
    file.write_text("correct horse\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))

    stack = stackfile.stack(project, "dev")

    assert stack.config["shop:word"] == "hunter2"
    assert stack.config["shop:deep"] == {"keys": ["a", "k"]}
    assert stack.secret_keys == {"shop:word", "shop:deep"}


def test_a_stack_with_secrets_needs_a_passphrase(tmp_path: Path) -> None:
    sealer = Sealer("correct horse", rounds=1)
    secret = f"config:\n  word: {{secure: '{sealer.seal('x')}'}}\n"
    project = files(tmp_path, dev=f"encryptionsalt: {sealer.salt}\n{secret}")

    assert problem(project, "dev") == (
        "secrets are sealed by the stack's passphrase: set PULUMI_CONFIG_PASSPHRASE or "
        "PULUMI_CONFIG_PASSPHRASE_FILE."
    )


def test_other_secrets_providers_are_left_to_pulumi(tmp_path: Path) -> None:
    secret = "config:\n  word: {secure: AAAA}\n"
    project = files(tmp_path, dev=f"secretsprovider: awskms://alias/x\n{secret}", cloud=secret)

    sentence = (
        "without Pulumi's CLI only the passphrase provider's secrets can be read; "
        "use the pulumi engine (--engine pulumi)."
    )
    stacks = tmp_path / "stacks"
    assert problem(project, "dev") == (
        f"{stacks}/Pulumi.dev.yaml: the secrets provider is awskms://alias/x: {sentence}"
    )
    assert problem(project, "cloud") == (
        f"{stacks}/Pulumi.cloud.yaml: the secrets provider is not the passphrase provider's: "
        f"{sentence}"
    )


def test_what_bears_a_stacks_name_but_is_no_file_is_said(tmp_path: Path) -> None:
    project = files(tmp_path, prod="")
    file = tmp_path / "stacks" / "Pulumi.dev.yaml"

    file.symlink_to("gone.yaml")
    assert problem(project, "dev") == (
        f"stack 'dev': {file}: is a link to gone.yaml, which is not there: mend it."
    )
    file.unlink()
    file.mkdir()
    assert problem(project, "dev") == (
        f"stack 'dev': {file}: is no file, as a stack's must be: put one in its place."
    )


def test_a_stacks_name_that_no_file_can_have_is_misuse(tmp_path: Path) -> None:
    name = "a" * 300

    assert problem(files(tmp_path, prod=""), name) == (
        f"stack '{name}': {tmp_path}/stacks/Pulumi.{name}.yaml: cannot be read: File name too long."
    )
