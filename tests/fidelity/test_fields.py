"""Each field that a generic chart's tests are about is had here as fields.yaml says."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from stacks import settings
from tests.fidelity import beside
from tests.fidelity.examples import config, examples, least, rendered
from tests.fidelity.fields import FIELDS, HOWS, Field, at, is_in, named
from tests.fidelity.table import HEAD, rows, sentence
from tests.unit.programs import ROOT, Graph, Recorder

DOCS = (ROOT / "docs/services.md").read_text()


def had(*hows: str) -> pytest.MarkDecorator:
    """Give a test all fields that are had so."""
    chosen = [field for field in FIELDS if field.how in hows]
    return pytest.mark.parametrize("field", chosen, ids=str)


def is_there(graph: Graph, field: Field, name: str) -> bool:
    """Whether what is expected of a field is in what the entry of this name declares."""
    expected = named(field.expected, name)
    objects = rendered(graph, field, name)
    return any(is_in(expected, at(each, field.place)) for each in objects)


@pytest.fixture(scope="module")
def stack() -> Graph:
    """Return what all examples declare; if that fails, it does so once."""
    return examples().render()


@pytest.fixture(scope="module")
def program() -> Graph:
    """Return a program that has other resources beside a component."""
    return Recorder(preview=False)(beside.declare)


@had("first-class", "raw")
def test_what_a_stack_file_says_is_in_the_object(stack: Graph, field: Field) -> None:
    assert is_there(stack, field, examples().names[str(field)])


@had("first-class", "raw")
def test_without_its_example_it_is_not_there(stack: Graph, field: Field) -> None:
    says = {**field.entry, **field.content.get("secrets", {})}
    assert is_there(stack, field, least(field.kind)) == (not says)


@had("program")
def test_another_resource_of_the_program_has_it(program: Graph, field: Field) -> None:
    resources: list[Mapping[str, Any]] = [
        each for each in program.manifests if each.get("kind") == field.content["program"]
    ]
    assert any(is_in(field.expected, each) for each in resources)


def test_other_resources_lie_beside_the_component_in_its_namespace(program: Graph) -> None:
    namespaces = {each["metadata"]["namespace"] for each in program.manifests}
    assert namespaces == {beside.NAMESPACE}
    assert program.one("kubia:index:WebService")


@pytest.mark.parametrize("field", [each for each in FIELDS if "error" in each.content], ids=str)
def test_what_releases_rely_on_cannot_be_added_to_their_own_objects(field: Field) -> None:
    with pytest.raises(InvalidError) as caught:
        settings.parse("stack", config({"shop": field.example}))
    key = "services" if field.kind == "service" else "jobs"
    assert str(caught.value) == f"stack: kubia:{key}.shop.{field.content['error']}"


def test_the_docs_tell_of_each_field_and_of_how_many_there_are() -> None:
    table = DOCS.split(HEAD)[1].split("\n\n")[0].splitlines()
    assert table[2:] == rows()
    assert sentence() in DOCS
    assert {field.how for field in FIELDS} == set(HOWS)
