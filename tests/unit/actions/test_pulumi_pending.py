"""kubia.actions.pulumi_pending: what was made is taken into the state, and nobody else's is."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.actions import pulumi_pending
from kubia.actions.pulumi_pending import Resolved
from kubia.apply.api import Api
from kubia.apply.applyset import PART_OF
from tests.unit.apiserver import Server

PREFIX = "urn:pulumi:dev::shop::"
PARENT = f"{PREFIX}kubia:index:NodeAgent::logs"
URN = f"{PREFIX}kubia:index:NodeAgent$kubernetes:apps/v1:DaemonSet::logs"
LABELS = {"app": "logs", "env": "dev"}
KEPT = {"urn": f"{PREFIX}pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack"}
RESOURCE = {
    "urn": URN,
    "type": "kubernetes:apps/v1:DaemonSet",
    "custom": True,
    "inputs": {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "logs", "namespace": "shop", "labels": LABELS},
    },
    "parent": PARENT,
    "dependencies": [KEPT["urn"], f"{PREFIX}kubernetes:core/v1:ConfigMap::gone"],
    "propertyDependencies": {"metadata": [f"{PREFIX}kubernetes:core/v1:ConfigMap::gone"]},
}


def resolved(
    *resources: Mapping[str, Any], manager: str = "kubia", labels: Any = LABELS, made: bool = True
) -> Resolved:
    """Return what becomes of a DaemonSet that was being made, beside these resources."""
    server: Any = Server()
    if made:
        metadata = {"name": "logs", "namespace": "shop", "labels": labels}
        metadata["managedFields"] = [{"manager": manager}]
        path = "/apis/apps/v1/namespaces/shop/daemonsets/logs"
        server.put("apps/v1", "DaemonSet", path, metadata)
    operations = [{"type": "creating", "resource": RESOURCE}]
    deployment = {"resources": [KEPT, *resources], "pending_operations": operations}
    return pulumi_pending.resolved(deployment, Api(server))


def urns(result: Resolved) -> list[str]:
    assert result.deployment["pending_operations"] == []
    return [resource["urn"] for resource in result.deployment["resources"]]


def test_what_was_made_is_in_the_state() -> None:
    result = resolved()

    assert urns(result) == [KEPT["urn"], URN]
    assert [str(key) for key in result.objects] == ["DaemonSet shop/logs"]
    *_, recorded = result.deployment["resources"]
    assert recorded["id"] == "shop/logs"
    assert recorded["outputs"] == RESOURCE["inputs"]


@pytest.mark.parametrize(
    "other",
    [
        {"made": False},
        {"manager": "kubectl"},
        {"labels": {"app": "logs"}},
        {"labels": None},
        {"labels": {**LABELS, PART_OF: "applyset-of-another-stack"}},
    ],
    ids=[
        "not made",
        "made by somebody else",
        "with other labels",
        "without labels",
        "of a stack that the kubectl engine keeps",
    ],
)
def test_nothing_else_is_taken(other: Mapping[str, Any]) -> None:
    result = resolved(**other)

    assert urns(result) == [KEPT["urn"]]
    assert result.objects == []


def test_what_a_later_run_has_made_is_in_the_state_once() -> None:
    assert urns(resolved({**RESOURCE, "id": "shop/logs"})) == [KEPT["urn"], URN]


def test_the_state_names_no_resource_that_is_gone() -> None:
    *_, alone = resolved().deployment["resources"]
    *_, child = resolved({"urn": PARENT, "type": "kubia:index:NodeAgent"}).deployment["resources"]

    assert "parent" not in alone
    assert child["parent"] == PARENT
    assert alone["dependencies"] == [KEPT["urn"]]
    assert alone["propertyDependencies"] == {"metadata": []}


def test_only_creates_of_the_cluster_are_decided() -> None:
    operations = [
        {"type": "updating", "resource": RESOURCE},
        {"type": "creating", "resource": {**RESOURCE, "type": "aws:s3:Bucket"}},
    ]

    assert pulumi_pending.creates({"pending_operations": operations}) == []


@pytest.mark.parametrize(
    ("had", "intended", "known"),
    [
        ({"a": 1}, {"a": 2, "b": 3}, {"a": 2, "b": 3}),
        ({"a": 1, "c": {"d": 1}}, {"c": {"e": 2}}, {"a": 1, "c": {"d": 1, "e": 2}}),
        ({"l": [{"a": 1}]}, {"l": [{"b": 2}, {"c": 3}]}, {"l": [{"a": 1, "b": 2}, {"c": 3}]}),
        ({"l": [1, 2]}, {"l": [3]}, {"l": [3, 2]}),
        (
            {"s": {pulumi_pending.SIGNATURE: "1b", "ciphertext": "old"}},
            {"s": {pulumi_pending.SIGNATURE: "1b", "plaintext": "new"}},
            {"s": {pulumi_pending.SIGNATURE: "1b", "plaintext": "new"}},
        ),
    ],
)
def test_of_what_was_being_changed_a_refresh_reads_all_that_it_had_or_was_to_have(
    had: Mapping[str, Any], intended: Mapping[str, Any], known: Mapping[str, Any]
) -> None:
    server: Any = Server()
    recorded = {**RESOURCE, "id": "shop/logs", "inputs": had}
    operation = {"type": "updating", "resource": {**RESOURCE, "inputs": intended}}
    replaced = {**recorded, "delete": True}
    deployment = {"resources": [recorded, replaced], "pending_operations": [operation]}

    result = pulumi_pending.resolved(deployment, Api(server))

    assert result.deployment["resources"] == [{**recorded, "inputs": known}, replaced]
    assert result.deployment["pending_operations"] == [operation]
    assert result.objects == []
