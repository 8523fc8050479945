"""The committed schemas: of stack files for editors, of the package, of what `raw` may add."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml

import plugin.schema
import stacks.schema
import tools.fields
from tests import bad_values
from tests.bad_input import BadInput, Change, put
from tests.unit.programs import ROOT, STACKS

STACK_FILES = jsonschema.Draft202012Validator(json.loads(stacks.schema.FILE.read_text()))
PACKAGE: Mapping[str, Any] = json.loads(plugin.schema.FILE.read_text())


def stack_file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / f"stacks/Pulumi.{name}.yaml").read_text())
    return content


def problems(content: Mapping[str, Any]) -> list[str]:
    return [error.message for error in STACK_FILES.iter_errors(content)]


SCHEMAS = {"stacks": stacks.schema, "plugin": plugin.schema, "fields": tools.fields}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_committed_schema_is_current(schema: Any) -> None:
    assert schema.FILE.read_text() == schema.text(), "run `make schemas`"


def test_the_stack_files_schema_is_a_schema() -> None:
    schema = json.loads(stacks.schema.text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["config"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_is_valid_and_says_where_its_schema_is(stack: str) -> None:
    text = (ROOT / f"stacks/Pulumi.{stack}.yaml").read_text()
    assert problems(stack_file(stack)) == []
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")


TYPOS = {
    "of the stack": put("x", "kubia:namespaces"),
    "of the web service": put(3, "kubia:services", "kubia", "replica"),
    "of a probe": put({"httpGet": {"pth": "/"}}, "kubia:services", "kubia", "readiness"),
    "of a site": put({}, "kubia:sites", "hello", "contents"),
}


@pytest.mark.parametrize("typo", TYPOS.values(), ids=TYPOS)
def test_an_editor_marks_a_mistyped_key(typo: Change) -> None:
    content = stack_file("dev")
    typo(content["config"])
    assert problems(content) != []


@pytest.mark.parametrize(
    "bad",
    [*bad_values.WRONG_TYPES, *bad_values.UNKNOWN_KEYS, *bad_values.MISSING],
    ids=lambda bad: bad.id,
)
def test_an_editor_marks_what_kubia_refuses(bad: BadInput) -> None:
    content = stack_file("dev")
    bad.change(content["config"])
    assert problems(content) != []


@pytest.mark.parametrize(
    ("value", "is_right"),
    [(False, True), ("false", True), ("true", True), ("no", False), (0, False)],
)
def test_a_truth_value_is_right_as_pulumi_rewrites_it_too(value: object, *, is_right: bool) -> None:
    content = stack_file("dev")
    content["config"]["kubia:protect"] = value
    assert (problems(content) == []) is is_right


def test_an_encrypted_secret_is_valid_and_keys_of_other_projects_are_left_to_them() -> None:
    content = copy.deepcopy(stack_file("dev"))
    content["encryptionsalt"] = "v1:abc"
    content["config"] |= {
        "kubia:secrets": {"kubia": {"TOKEN": {"secure": "v1:abc"}}},
        "aws:region": "eu-1",
    }
    assert problems(content) == []


def test_the_package_has_every_component() -> None:
    assert PACKAGE["resources"].keys() == {
        "kubia:index:CronJob",
        "kubia:index:DriftCheck",
        "kubia:index:Job",
        "kubia:index:NginxOperator",
        "kubia:index:NginxSite",
        "kubia:index:NodeAgent",
        "kubia:index:WebService",
    }
    assert all(resource["isComponent"] for resource in PACKAGE["resources"].values())


def described() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for token, resource in PACKAGE["resources"].items():
        yield token, resource
        for kind in ("properties", "inputProperties"):
            for name, prop in resource[kind].items():
                yield f"{token}.{kind}.{name}", prop
    for token, type_ in PACKAGE["types"].items():
        yield token, type_
        for name, prop in type_.get("properties", {}).items():
            yield f"{token}.{name}", prop
        for value in type_.get("enum", []):
            yield f"{token}={value['value']}", value


def test_everything_in_the_package_has_a_description() -> None:
    assert [where for where, thing in described() if not thing.get("description")] == []


def test_the_package_takes_names_as_pulumi_writes_them() -> None:
    web = PACKAGE["resources"]["kubia:index:WebService"]
    assert {"image", "servicePort", "secretEnv"} <= web["inputProperties"].keys()
    assert web["requiredInputs"] == ["image", "namespace"]
    assert web["properties"].keys() == {"name", "url", "nodePort"}
