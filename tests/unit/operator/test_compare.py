"""What counts as a difference, and what does not."""

from typing import Any

import pytest

from kubia.operator.compare import autoscaled, leftover, satisfied


@pytest.mark.parametrize(
    ("want", "live"),
    [
        ({"a": 1}, {"a": 1, "default": 2}),
        ({"a": 0, "b": {}, "c": [], "d": False}, {}),
        (
            {"requests": {"cpu": "0.5", "memory": "1024Mi"}},
            {"requests": {"cpu": "500m", "memory": "1Gi"}},
        ),
        (
            {"containers": [{"name": "n"}]},
            {"containers": [{"name": "side"}, {"name": "n", "x": 1}]},
        ),
        ({"ports": [{"port": 80}]}, {"ports": [{"port": 80, "nodePort": 3}, {"port": 81}]}),
        ({"labels": {"a": "b"}}, {"labels": {"a": "b", "c": "d"}}),
    ],
)
def test_what_others_add_is_no_difference(want: Any, live: Any) -> None:
    assert satisfied(want, live)


@pytest.mark.parametrize(
    ("want", "live"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ({"a": {"b": 1}}, {"a": None}),
        ({"replicas": 0}, {"replicas": 1}),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1G"}}),
        ({"limits": {"memory": "1Gi"}}, {}),
        (
            {"containers": [{"name": "n", "image": "a"}]},
            {"containers": [{"name": "n", "image": "b"}]},
        ),
        ({"containers": [{"name": "n"}]}, {"containers": []}),
        ({"drop": ["ALL"]}, {"drop": ["ALL", "KILL"]}),
        ({"selector": {"a": "b"}}, {"selector": {"a": "b", "c": "d"}}),
    ],
)
def test_what_we_set_is_a_difference(want: Any, live: Any) -> None:
    assert not satisfied(want, live)


def test_field_we_own_and_no_longer_want_is_left_over() -> None:
    want = {"spec": {"containers": [{"name": "n", "image": "i"}]}}
    item = 'k:{"name":"n"}'
    same: Any = {"f:spec": {"f:containers": {item: {".": {}, "f:name": {}, "f:image": {}}}}}
    more: Any = {"f:spec": {"f:containers": {item: {".": {}, "f:name": {}, "f:tty": {}}}}}
    gone: Any = {"f:spec": {"f:containers": {'k:{"name":"old"}': {".": {}}}}}

    assert not leftover(same, want)
    assert leftover(more, want)
    assert leftover(gone, want)


@pytest.mark.parametrize(
    ("manager", "subresource", "expected"),
    [
        ("kube-controller-manager", "scale", True),
        ("keda", "scale", True),
        ("kubectl", "scale", False),
        ("somebody", None, False),
    ],
)
def test_only_an_autoscaler_may_scale(
    manager: str, subresource: str | None, *, expected: bool
) -> None:
    fields: Any = {"f:spec": {"f:replicas": {}}}
    entry = {"manager": manager, "operation": "Update", "fieldsV1": fields}
    entry |= {"subresource": subresource} if subresource else {}

    assert autoscaled({"metadata": {"managedFields": [entry]}}) is expected
