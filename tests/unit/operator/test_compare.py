"""What counts as a difference, and what does not."""

from typing import Any

import pytest

from kubia.operator.compare import satisfied


@pytest.mark.parametrize(
    ("desired", "live"),
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
def test_what_others_add_is_no_difference(desired: Any, live: Any) -> None:
    assert satisfied(desired, live)


@pytest.mark.parametrize(
    ("desired", "live"),
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
def test_what_we_set_is_a_difference(desired: Any, live: Any) -> None:
    assert not satisfied(desired, live)
