"""kubia.program.objects: the objects that a program declares, in the order of applying."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.errors import InvalidError
from kubia.program import objects, run
from kubia.program.objects import Manifest, ObjectRef


def declared(main: Callable[[], None]) -> tuple[Manifest, ...]:
    return objects.of_program(run.run(main, "shop", "dev"))


def shop() -> None:
    cluster = k8s.Provider("cluster", namespace="shop", context="kubia")
    opts = pulumi.ResourceOptions(provider=cluster)
    k8s.core.v1.Secret("secret", metadata={"name": "word"}, opts=opts)
    spec: Any = {"replicas": 2}
    k8s.apps.v1.Deployment("web", metadata={"name": "web"}, spec=spec, opts=opts)
    elsewhere: Any = {"name": "text", "namespace": "other"}
    k8s.core.v1.ConfigMap("text", metadata=elsewhere, opts=opts)
    k8s.core.v1.Namespace("space", metadata={"name": "shop"}, opts=opts)


def test_objects_come_in_the_order_of_applying_with_the_providers_namespace() -> None:
    assert [manifest.key for manifest in declared(shop)] == [
        ObjectRef("", "Namespace", "", "shop"),
        ObjectRef("", "Secret", "shop", "word"),
        ObjectRef("", "ConfigMap", "other", "text"),
        ObjectRef("apps", "Deployment", "shop", "web"),
    ]


def test_an_object_without_a_name_and_one_declared_twice_are_refused() -> None:
    def main() -> None:
        k8s.core.v1.ConfigMap("nameless")
        k8s.core.v1.ConfigMap("a", metadata={"name": "x"})
        k8s.core.v1.ConfigMap("b", metadata={"name": "x", "namespace": "default"})

    with pytest.raises(InvalidError) as caught:
        declared(main)

    kind = "(kubernetes:core/v1:ConfigMap)"
    assert caught.value.problems == (
        (
            f"resource 'nameless' {kind} has no metadata.name: without Pulumi's engine nobody "
            "makes names up; declare one."
        ),
        (
            f"resource 'b' {kind} and resource 'a' {kind} both declare ConfigMap default/x: "
            "rename one."
        ),
    )


def test_the_stacks_own_namespace() -> None:
    done = run.run(shop, "shop", "dev")

    assert objects.home(done) == "shop"
    assert objects.contexts(done) == ("kubia",)
