"""kubia.apply.keeper: who keeps a stack, as its objects and its record tell."""

from typing import Any

import pytest

from kubia.apply import applyset, keeper
from kubia.apply.applyset import PART_OF, Parent

LABELLED = {"labels": {PART_OF: "applyset-x-v1"}}


def live(manager: str, operation: str, **metadata: Any) -> dict[str, Any]:
    entry = {"manager": manager, "operation": operation, "fieldsV1": {"f:data": {}}}
    return {"metadata": {**metadata, "managedFields": [entry]}}


@pytest.mark.parametrize(
    ("item", "whose", "names_our_writer"),
    [
        (live("kubia", "Apply"), True, True),
        (live("pulumi-kubernetes", "Update"), True, False),
        (live("pulumi-kubernetes-1f2e3d4c", "Apply"), True, False),
        (live("kubia", "Apply", **LABELLED), False, False),
        (live("kubia", "Update"), False, False),
        (live("kubectl-client-side-apply", "Update"), False, False),
        ({"metadata": {}}, False, False),
    ],
)
def test_pulumi_wrote_what_our_manager_applied_outside_of_any_set(
    item: dict[str, Any], *, whose: bool, names_our_writer: bool
) -> None:
    assert keeper.is_pulumis(item) == whose
    assert keeper.is_our_pulumis(item) == names_our_writer


def test_the_record_comes_before_what_the_objects_tell() -> None:
    parents, pulumis = [Parent("shop-dev", "shop")], [live("kubia", "Apply")]

    assert keeper.engine(parents, pulumis) == "kubectl"
    assert keeper.engine([], pulumis) == "pulumi"
    assert keeper.engine([], [live("kubia", "Apply", **LABELLED)]) is None


@pytest.mark.parametrize("to", keeper.OTHER)
def test_a_record_remembers_where_the_stack_goes(to: str) -> None:
    parent = Parent("shop-dev", "shop", moving_to=to)
    other = Parent("shop-dev", "before")

    written = applyset.read(parent.manifest("shop", "dev", "kubia/v1"))

    assert keeper.destination([other, written]) == to
    assert keeper.destination([other]) is None
    assert written.joined(other).holding([]).moving_to == to
