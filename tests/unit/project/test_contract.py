"""kubia.project.contract: what kubia knows of a project, by the keys that its page names."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.project import contract, stackfile
from kubia.project.stackfile import Project, Stack
from tests.unit.sealing import Sealer

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


@pytest.mark.parametrize(("given", "protected"), [(True, True), ("true", True), ("false", False)])
def test_a_stack_is_protected_or_not(given: Any, protected: bool) -> None:  # noqa: FBT001 - drawn
    assert contract.is_protected(stack(protect=given)) is protected
    assert contract.is_protected(stack()) is False


@pytest.mark.parametrize("given", ["yes", "on", "True", [], {}, 1, None])
def test_a_protection_that_is_neither_true_nor_false_is_refused(given: Any) -> None:
    with pytest.raises(InvalidError) as caught:
        contract.is_protected(stack(protect=given))

    assert str(caught.value) == (
        f"stacks/Pulumi.dev.yaml: shop:protect: is {given!r}; must be true or false"
    )


@pytest.fixture(name="sealed")
def _sealed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stack]:
    """Return a stack whose values are sealed."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    sealer = Sealer("correct horse")

    def of(key: str, form: Callable[[Any], Any]) -> Stack:
        config = {key: form({"secure": sealer.seal("hunter2")})}
        data = {"encryptionsalt": sealer.salt, "config": config}
        return stackfile.of_document(PROJECT, "dev", PROJECT.stacks / "Pulumi.dev.yaml", data)

    return of


@pytest.mark.parametrize("form", [lambda it: it, lambda it: [it], lambda it: {"a": it}])
def test_no_sealed_value_is_taken_for_a_context_nor_shown(
    sealed: Callable[..., Stack], form: Callable[[Any], Any]
) -> None:
    with pytest.raises(InvalidError) as caught:
        contract.contexts(sealed("contexts", form))
    assert str(caught.value) == (
        "stacks/Pulumi.dev.yaml: shop:contexts: is sealed, which a context cannot be; name the "
        "kubeconfig contexts this stack may touch"
    )
    with pytest.raises(InvalidError) as caught:
        contract.is_protected(sealed("protect", form))
    assert str(caught.value) == (
        "stacks/Pulumi.dev.yaml: shop:protect: is [secret]; must be true or false"
    )


def test_a_file_outside_of_the_project_is_called_by_its_whole_path() -> None:
    elsewhere = stackfile.of_document(PROJECT, "dev", Path("/elsewhere/Pulumi.dev.yaml"), {})

    with pytest.raises(InvalidError) as caught:
        contract.contexts(elsewhere)

    assert str(caught.value) == (
        "/elsewhere/Pulumi.dev.yaml: shop:contexts: is empty; name the kubeconfig contexts this "
        "stack may touch"
    )


@pytest.mark.parametrize(("given", "shown"), [("foo", "'foo'"), (["hunter2"], "a list")])
def test_a_configuration_that_is_no_map_is_refused_and_a_list_not_shown(
    given: Any, shown: str, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(json.dumps({"config": given}))

    with pytest.raises(InvalidError) as caught:
        contract.stack(tmp_path, "dev")

    assert str(caught.value) == f"{file}: config is {shown}: it must be a map of keys to values."
    assert contract.patterns({"config": given}, "shop") == ()
    assert contract.secret_owners({"config": given}, "shop") == []
