"""kubia.program.monitor: what is recorded, and what only Pulumi's own engine can do."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.errors import InvalidError
from kubia.program import run as program_run
from kubia.program.run import Program


def run(main: Callable[[], Any]) -> Program:
    return program_run.run(main, "shop", "dev")


def problems(main: Callable[[], Any]) -> tuple[str, ...]:
    with pytest.raises(InvalidError) as caught:
        run(main)
    return caught.value.problems


def config_map(name: str, **data: Any) -> k8s.core.v1.ConfigMap:
    return k8s.core.v1.ConfigMap(name, metadata={"name": name, "namespace": "shop"}, data=data)


class Site(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Site", name, {"size": 2.0}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=True)
        k8s.core.v1.ConfigMap(f"{name}-c", metadata={"name": name}, opts=child)


def test_records_inputs_parents_and_options() -> None:
    site, child = run(lambda: Site("a")).resources

    assert (site.urn, site.custom) == ("urn:pulumi:dev::shop::shop:index:Site::a", False)
    assert site.inputs == {"size": 2}
    assert isinstance(site.inputs["size"], int)
    assert child.urn == "urn:pulumi:dev::shop::shop:index:Site$kubernetes:core/v1:ConfigMap::a-c"
    assert child.parent == site.urn
    assert child.options.protect


def test_urns_hold_the_types_of_all_parents() -> None:
    def main() -> None:
        Site("inner", pulumi.ResourceOptions(parent=Site("outer")))

    urns = [resource.urn for resource in run(main).resources]

    kinds = "shop:index:Site$shop:index:Site$kubernetes:core/v1:ConfigMap"
    assert f"urn:pulumi:dev::shop::{kinds}::inner-c" in urns


def test_records_the_outputs_of_components_and_of_the_stack() -> None:
    def main() -> None:
        site = Site("a")
        site.register_outputs({"url": pulumi.Output.secret("http://a")})
        pulumi.export("size", 2)

    done = run(main)

    site = done.component_outputs["urn:pulumi:dev::shop::shop:index:Site::a"]
    stack = done.component_outputs["urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"]
    assert (site.value, site.secrets) == ({"url": "http://a"}, [("url",)])
    assert stack.value == done.outputs == {"size": 2}


def test_a_namespace_that_is_read_is_its_name_and_nothing_that_is_declared() -> None:
    def main() -> None:
        space = k8s.core.v1.Namespace.get("space", "shop")
        k8s.core.v1.ServiceAccount("a", metadata={"namespace": space.metadata["name"], "name": "a"})

    (account,) = run(main).resources

    assert account.inputs["metadata"]["namespace"] == "shop"


def test_refuses_reads_imports_functions_and_what_is_to_be_left_behind() -> None:
    def read() -> None:
        k8s.core.v1.ConfigMap.get("a", "shop/a")

    def imported() -> None:
        opts = pulumi.ResourceOptions(import_="shop/a")
        k8s.core.v1.ConfigMap("a", metadata={"name": "a"}, opts=opts)

    def retained() -> None:
        opts = pulumi.ResourceOptions(retain_on_delete=True)
        k8s.core.v1.ConfigMap("a", metadata={"name": "a"}, opts=opts)

    def function() -> None:
        pulumi.export("x", pulumi.Output.from_input(pulumi.runtime.invoke_async("a:b:c", {})))

    pulumi_only = "only the pulumi engine can do this (--engine pulumi)."
    thing = "resource 'a' (kubernetes:core/v1:ConfigMap)"
    assert problems(read) == (f"{thing} is read from the cluster (get): {pulumi_only}",)
    assert problems(imported) == (f"{thing} is imported (the option import_): {pulumi_only}",)
    assert problems(retained) == (
        f"{thing} is to stay when it is deleted (retain_on_delete): {pulumi_only}",
    )
    assert problems(function) == (
        f"the program calls the provider function 'a:b:c': {pulumi_only}",
    )


def test_refuses_two_resources_of_one_name() -> None:
    def main() -> None:
        config_map("a")
        config_map("a")

    assert problems(main) == (
        (
            "resource 'a' (kubernetes:core/v1:ConfigMap) is registered twice (URN "
            "urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::a): give each its own name."
        ),
    )
