"""kubia.project.contract: what kubia knows of a project, by the keys that its page names."""

from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.project import contract, stackfile
from kubia.project.stackfile import Project, Stack

PROJECT = Project(Path("/shop"), "shop", Path("/shop/stacks"))


def stack(**config: Any) -> Stack:
    file = PROJECT.stacks / "Pulumi.dev.yaml"
    return stackfile.of_document(PROJECT, "dev", file, {"config": config})


@pytest.mark.parametrize("key", ["contexts", "shop:contexts"])
def test_a_stack_names_the_contexts_that_it_may_touch(key: str) -> None:
    assert contract.contexts(stack(**{key: ["kubia", "kind-*"]})) == ("kubia", "kind-*")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [(None, "is empty"), ([], "is empty"), ("kubia", "is 'kubia'"), (["a", 1], "is ['a', 1]")],
)
def test_a_stack_without_contexts_is_refused(given: Any, wrong: str) -> None:
    with pytest.raises(InvalidError) as caught:
        contract.contexts(stack(contexts=given))

    assert str(caught.value) == (
        f"stacks/Pulumi.dev.yaml: shop:contexts: {wrong}; name the kubeconfig contexts this stack "
        "may touch"
    )


def test_a_stack_may_name_its_namespace() -> None:
    assert contract.namespace(stack(namespace="mine")) == "mine"
    assert contract.namespace(stack()) is None
    assert contract.namespace(stack(namespace={"name": "mine"})) is None


@pytest.mark.parametrize("key", ["services", "shop:services"])
def test_web_services_are_the_contents_own(key: str) -> None:
    till: Any = {"image": "till:v1"}
    document: dict[str, Any] = {"config": {key: {"till": till, "broken": None}}}

    assert contract.services(document, "shop")["till"] is till
    assert contract.services(document, "shop").keys() == {"till"}
    assert contract.services(document, "other") == ({"till": till} if key == "services" else {})


@pytest.mark.parametrize(
    "document", [{}, {"config": None}, {"config": {"services": 1, "sites": []}}]
)
def test_a_project_may_have_neither_services_nor_sites(document: dict[str, Any]) -> None:
    assert contract.services(document, "shop") == {}
    assert contract.sites(document, "shop") == {}


def test_sites_are_the_contents_own() -> None:
    document = {"config": {"shop:sites": {"help": {"directory": "help"}, "broken": None}}}

    sites = contract.sites(document, "shop")
    del sites["help"]["directory"]

    assert sites == {"help": {}}
    assert document["config"]["shop:sites"]["help"] == {}


def test_addresses_may_be_exported_as_a_list_or_as_a_map() -> None:
    assert contract.node_port_urls({"nodePortUrls": ["http://a"]}) == ("http://a",)
    assert contract.node_port_urls({"nodePortUrls": {"web": "http://a"}}) == ("http://a",)
    assert contract.node_port_urls({"nodePortUrls": None}) == ()
    assert contract.node_port_urls({}) == ()
