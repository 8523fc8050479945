"""The example programs: what the one in YAML says is right by the package's schema."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

import plugin.schema
from tests.unit.programs import ROOT

EXAMPLES = ROOT / "examples/package"
SCHEMA: Mapping[str, Any] = json.loads(plugin.schema.FILE.read_text())
TYPES = {"string": str, "integer": int, "boolean": bool}


def problems(value: Any, declared: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield what is wrong with a value in a YAML program by what the schema declares."""
    if reference := declared.get("$ref"):
        declared = SCHEMA["types"][reference.removeprefix("#/types/")]
    match declared["type"]:
        case "array":
            for index, each in enumerate(value):
                yield from problems(each, declared["items"], f"{place}[{index}]")
        case "object" if "properties" in declared:
            yield from object_problems(value, declared, place)
        case "object":
            for key, each in value.items():
                yield from problems(each, declared["additionalProperties"], f"{place}.{key}")
        case kind:
            allowed = [case["value"] for case in declared.get("enum", ())]
            if type(value) is not TYPES[kind] or (allowed and value not in allowed):
                yield f"{place} is {value!r}"


def object_problems(value: Any, declared: Mapping[str, Any], place: str) -> Iterator[str]:
    known = declared["properties"]
    yield from (f"{place}.{key} is missing" for key in {*declared.get("required", ())} - {*value})
    yield from (f"{place}.{key} is not known" for key in value.keys() - known.keys())
    for key in value.keys() & known.keys():
        yield from problems(value[key], known[key], f"{place}.{key}")


def resource_problems(resource: Mapping[str, Any]) -> list[str]:
    package, kind = resource["type"].split(":")
    declared = SCHEMA["resources"][f"{package}:index:{kind}"]
    inputs = {"properties": declared["inputProperties"], "required": declared["requiredInputs"]}
    return sorted(object_problems(resource["properties"], inputs, kind))


def yaml_program() -> Any:
    return yaml.safe_load((EXAMPLES / "yaml/Pulumi.yaml").read_text())


def test_the_yaml_program_is_right_by_the_schema() -> None:
    (shop,) = yaml_program()["resources"].values()
    assert resource_problems(shop) == []


def test_a_program_that_is_wrong_by_the_schema_is_seen() -> None:
    (shop,) = yaml_program()["resources"].values()
    wrong = shop["properties"]
    del wrong["image"]
    wrong |= {"replica": 3, "serviceType": "Public", "port": "8080", "labels": {"team": 7}}
    wrong["resources"]["limit"] = {}
    assert resource_problems(shop) == [
        "WebService.image is missing",
        "WebService.labels.team is 7",
        "WebService.port is '8080'",
        "WebService.replica is not known",
        "WebService.resources.limit is not known",
        "WebService.serviceType is 'Public'",
    ]


def test_the_yaml_program_names_only_what_it_has() -> None:
    program = yaml_program()
    named = set(re.findall(r"\$\{(\w+)", yaml.safe_dump(program)))
    assert named == {*program["config"], *program["resources"], "pulumi"}
    assert program["outputs"] == {"url": "${shop.url}"}


@pytest.mark.parametrize("language", ["python", "typescript", "yaml"])
def test_an_example_takes_the_package_from_this_checkout(language: str) -> None:
    project = yaml.safe_load((EXAMPLES / language / "Pulumi.yaml").read_text())
    assert (EXAMPLES / language / project["packages"]["kubia"]).resolve() == ROOT / "plugin"
