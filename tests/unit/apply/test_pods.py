"""kubia.apply.pods: old and new pods, told by ReplicaSets."""

from typing import Any

import pytest

from kubia.apply import pods
from kubia.apply.api import Api
from kubia.apply.connection import ApiError
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server

WEB = ObjectRef("apps", "Deployment", "shop", "web")
SETS = "/apis/apps/v1/namespaces/shop/replicasets"


def replica_set(
    image: str, revision: int, there: int, ready: int, going: int = 0, owner: str = "web"
) -> dict[str, Any]:
    owners = [{"kind": "Deployment", "name": owner, "controller": True}]
    annotations = {pods.REVISION: str(revision), pods.WANTED: "3"}
    status = {"replicas": there, "readyReplicas": ready, "terminatingReplicas": going}
    return {
        "metadata": {
            "name": f"{owner}-{revision}",
            "namespace": "shop",
            "labels": {"app": "web"},
            "annotations": annotations,
            "ownerReferences": owners,
        },
        "spec": {"replicas": there, "template": {"spec": {"containers": [{"image": image}]}}},
        "status": status,
    }


def words(*sets: dict[str, Any]) -> list[str]:
    return [str(group) for group in pods.groups(sets)]


def test_the_new_version_counts_towards_what_is_wanted_and_the_old_one_goes() -> None:
    old, new = replica_set("web:v1", 1, 2, 2, 1), replica_set("web:v2", 2, 2, 1)

    assert words(old, new) == ["v2 1/3 ready", "v1 2/2 ready + 1 going"]


def test_a_version_whose_pods_have_gone_is_not_told() -> None:
    sets = [replica_set("web:v1", 1, 0, 0, 1), replica_set("web:v2", 2, 3, 3)]

    assert words(*sets) == ["v2 3/3 ready", "v1 1 going"]
    sets[0]["status"] = {"replicas": 0}  # as clusters tell that know nothing of going pods
    assert words(*sets) == ["v2 3/3 ready"]


def test_a_rollback_makes_the_old_version_the_new_one() -> None:
    assert words(replica_set("web:v2", 2, 1, 1), replica_set("web:v1", 3, 1, 0)) == [
        "v1 0/3 ready",
        "v2 1/1 ready",
    ]


def test_a_changed_setting_of_the_same_image_is_told_by_its_revision() -> None:
    assert words(replica_set("web:v1", 4, 1, 1), replica_set("web:v1", 5, 1, 0)) == [
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
    assert pods.groups([replica_set(image, 1, 1, 1)])[0].version == version


def test_replica_sets_of_nobody_and_of_others_do_not_count() -> None:
    lone = replica_set("web:v0", 1, 5, 5)
    lone["metadata"]["ownerReferences"] = []
    other = replica_set("web:v2", 1, 1, 1, owner="web-canary")

    assert [group.deployment for group in pods.groups([lone, other])] == ["web-canary"]


def deployments(count: int = 1) -> dict[ObjectRef, dict[str, Any]]:
    spec = {"selector": {"matchLabels": {"app": "web"}}}
    return {WEB._replace(name=f"web{number or ''}"): {"spec": spec} for number in range(count)}


def test_a_deployments_own_pods_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    own, canary = replica_set("web:v1", 1, 3, 3), replica_set("web:v2", 1, 1, 0, owner="canary")
    for item in (own, canary):
        path = f"{SETS}/{item['metadata']['name']}"
        server.objects[path] = {"apiVersion": "apps/v1", "kind": "ReplicaSet", **item}
    api = Api(server)  # type: ignore[arg-type]

    assert pods.told(api, deployments()) == {WEB: "v1 3/3 ready"}
    assert pods.told(api, deployments(pods.MANY + 1)) == {}

    def forbid(*_args: object) -> None:
        raise ApiError(403, {"message": "replicasets is forbidden"})

    monkeypatch.setattr(server, "_get", forbid)
    assert pods.told(api, deployments()) == {}
