"""What counts as a difference, and what does not."""

from typing import Any

import pytest

from kubia.operator.compare import has_lost_items, is_headless, satisfied

LOST = [
    ({"ports": [{"port": 80}]}, {"ports": [{"port": 81}]}, True),
    ({"ports": [{"port": 80}]}, {"ports": [{"port": 80, "protocol": "UDP"}]}, True),
    ({"ports": [{"port": 80}]}, {"ports": [{"port": 80, "protocol": "TCP"}]}, False),
    ({"containers": [{"name": "n"}]}, {"containers": [{"name": "x"}]}, True),
    ({"containers": [{"name": "n"}]}, {"containers": [{"name": "x"}, {"name": "n"}]}, False),
    ({"containers": [{"name": "n", "image": "a"}]}, {"containers": [{"name": "n"}]}, False),
    (
        {"containers": [{"name": "n", "ports": [{"containerPort": 1}]}]},
        {"containers": [{"name": "n", "ports": [{"containerPort": 2}]}]},
        True,
    ),
    ({"spec": {"volumes": [{"name": "n"}]}}, {"spec": {}}, True),
    ({"drop": ["ALL"]}, {"drop": ["KILL"]}, False),
]


@pytest.mark.parametrize(("desired", "live", "lost"), LOST)
def test_an_item_is_lost_when_its_key_is_another(desired: Any, live: Any, *, lost: bool) -> None:
    assert has_lost_items(desired, live) is lost
    assert not lost or not satisfied(desired, live)


def test_a_service_without_an_address_is_headless() -> None:
    assert is_headless({"spec": {"clusterIP": "None"}})
    assert not is_headless({"spec": {"clusterIP": "10.0.0.1"}})
    assert not is_headless({"metadata": {}})


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ({"a": 1}, {"a": 1, "default": 2}),
        ({"a": 0, "b": {}, "c": [], "d": False}, {}),
        (
            {"requests": {"cpu": "0.5", "memory": "1024Mi"}},
            {"requests": {"cpu": "500m", "memory": "1Gi"}},
        ),
        ({"requests": {"cpu": "0.0001"}}, {"requests": {"cpu": "1m"}}),
        ({"limits": {"memory": "1.2Gi"}}, {"limits": {"memory": "1288490188800m"}}),
        ({"limits": {"a.io/gpu": "2.0"}}, {"limits": {"a.io/gpu": "2"}}),
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
        ({"requests": {"cpu": "0.0011"}}, {"requests": {"cpu": "1m"}}),
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
