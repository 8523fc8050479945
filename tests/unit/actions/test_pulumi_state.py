"""kubia.actions.pulumi_state: what a state of Pulumi's holds."""

import pytest

from kubia.actions import pulumi_state
from kubia.program.objects import ObjectRef


@pytest.mark.parametrize(
    ("type_", "identifier", "key"),
    [
        ("kubernetes:core/v1:Namespace", "shop", ObjectRef("", "Namespace", "", "shop")),
        ("kubernetes:core/v1:Service", "shop/web", ObjectRef("", "Service", "shop", "web")),
        ("kubernetes:apps/v1:Deployment", "shop/x", ObjectRef("apps", "Deployment", "shop", "x")),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
            "shop/web",
            ObjectRef("rbac.authorization.k8s.io", "Role", "shop", "web"),
        ),
    ],
)
def test_an_object_is_known_by_its_type_and_id(type_: str, identifier: str, key: ObjectRef) -> None:
    others = [
        {"type": "kubia:index:WebService"},
        {"type": "pulumi:providers:kubernetes", "id": "0f"},
        {"type": "pulumi:pulumi:Stack"},
    ]
    resources = [*others, {"type": type_, "id": identifier}]

    assert pulumi_state.objects({"resources": resources}).keys() == {key}


def test_what_is_only_read_is_no_object_of_the_stack() -> None:
    read = {"type": "kubernetes:core/v1:Namespace", "id": "shop", "external": True}

    assert pulumi_state.objects({"resources": [read]}) == {}


def test_an_empty_state_holds_nothing() -> None:
    assert pulumi_state.objects({}) == {}
