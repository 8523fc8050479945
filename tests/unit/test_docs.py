"""docs/services.md, docs/exposure.md: what they show is what a web service takes."""

import dataclasses
import re
from typing import Any

import pytest
import yaml

from components.content import Site
from kubia.manifests.parse import parse
from kubia.manifests.values import camel_case
from kubia.manifests.web_service import WebService
from tests.unit.programs import ROOT

TEXT = (ROOT / "docs/exposure.md").read_text(encoding="utf-8")
BLOCKS: list[dict[str, Any]] = [
    yaml.safe_load(block) for block in re.findall("```yaml\n(.*?)```", TEXT, re.DOTALL)
]
SERVICES = [
    yaml.safe_load(block)
    for block in re.findall(
        "```yaml\n(.*?)```", (ROOT / "docs/services.md").read_text(encoding="utf-8"), re.DOTALL
    )
]
KEYS = {"ports", "service", "ingress", "route", "monitor", "networkPolicy", "autoscaler"}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: [*block][-1])
def test_an_example_is_a_web_service(block: dict[str, Any]) -> None:
    assert parse(WebService, block).image == "shop:1"


@pytest.mark.parametrize("stack", SERVICES)
def test_an_example_is_part_of_a_stack_file(stack: dict[str, Any]) -> None:
    for web in stack["kubia:services"].values():
        assert parse(WebService, web).image


def test_there_is_an_example_of_every_way() -> None:
    assert {key for block in BLOCKS for key in block} >= KEYS


def test_the_table_of_sites_has_every_field_with_an_example_of_it() -> None:
    text = (ROOT / "docs/sites.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| .* \| `(.*)` \|$", text, re.MULTILINE)
    named = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    assert named == {camel_case(field.name) for field in dataclasses.fields(Site)}
    for _, example in rows:
        assert parse(Site, yaml.safe_load(example))
    (block,) = re.findall("```yaml\n(.*?)```", text, re.DOTALL)
    assert parse(Site, yaml.safe_load(block)["kubia:sites"]["handbook"]).replicas == 2
