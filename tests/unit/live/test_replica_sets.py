"""kubia.live.replica_sets: old and new pods, read from ReplicaSets."""

from typing import Any

import pytest

from kubia.live import replica_sets
from tests.unit.live_objects import replica_set


def shown(*sets: dict[str, Any]) -> list[str]:
    return [str(group) for group in replica_sets.groups(sets)]


def test_the_new_version_counts_towards_what_is_desired_and_the_old_one_goes() -> None:
    old, new = replica_set("web:v1", 1, 2, 2, 1), replica_set("web:v2", 2, 2, 1)

    assert shown(old, new) == ["v2 1/3 ready", "v1 2/2 ready + 1 going"]


def test_a_version_whose_pods_have_gone_is_not_shown() -> None:
    sets = [replica_set("web:v1", 1, 0, 0, 1), replica_set("web:v2", 2, 3, 3)]

    assert shown(*sets) == ["v2 3/3 ready", "v1 1 going"]
    sets[0]["status"] = {"replicas": 0}  # as of clusters that know nothing of going pods
    assert shown(*sets) == ["v2 3/3 ready"]


def test_a_rollback_makes_the_old_version_the_new_one() -> None:
    assert shown(replica_set("web:v2", 2, 1, 1), replica_set("web:v1", 3, 1, 0)) == [
        "v1 0/3 ready",
        "v2 1/1 ready",
    ]


def test_a_changed_setting_of_the_same_image_is_named_by_its_revision() -> None:
    assert shown(replica_set("web:v1", 4, 1, 1), replica_set("web:v1", 5, 1, 0)) == [
        "v1 (revision 5) 0/3 ready",
        "v1 (revision 4) 1/1 ready",
    ]


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("registry:5000/team/web:v1", "v1"),
        ("registry:5000/team/web", "web"),
        ("web:v1@sha256:0123456789abcdef", "v1"),
        ("web@sha256:0123456789abcdef", "0123456789ab"),
    ],
)
def test_a_version_is_the_tag_of_the_image(image: str, version: str) -> None:
    assert replica_sets.groups([replica_set(image, 1, 1, 1)])[0].version == version


def test_replica_sets_of_nobody_and_of_others_do_not_count() -> None:
    lone = replica_set("web:v0", 1, 5, 5)
    lone["metadata"]["ownerReferences"] = []
    other = replica_set("web:v2", 1, 1, 1, owner="web-canary")

    assert [group.deployment for group in replica_sets.groups([lone, other])] == ["web-canary"]
