"""kubia.apply.applyset: whose an object is, by the published specification."""

from typing import Any

from kubia.apply import applyset
from kubia.apply.applyset import PART_OF, Parent
from kubia.apply.model import Members
from kubia.apply.plan import deletions
from kubia.program.objects import ObjectRef

SET = applyset.parent("kubia", "dev", "shop")


def managed(manager: str = "kubia", operation: str = "Apply") -> list[dict[str, Any]]:
    labels: dict[str, Any] = {"f:labels": {f"f:{PART_OF}": {}}}
    return [{"manager": manager, "operation": operation, "fieldsV1": {"f:metadata": labels}}]


def member(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "labels": {PART_OF: SET.id},
            "managedFields": fields,
        },
    }


def test_the_id_is_the_one_that_kubectl_gives_to_the_same_parent() -> None:
    assert SET.id == "applyset-LYKfdRu5ot_pHYxiwJsudlrnErMAuHZJuPEsTXPoUYw-v1"


def test_a_parent_written_and_read_again_is_the_same() -> None:
    full = SET.holding(
        [ObjectRef("apps", "Deployment", "shop", "a"), ObjectRef("", "ConfigMap", "other", "b")]
    ).joined(
        SET.holding(
            [ObjectRef("", "Namespace", "", "shop"), ObjectRef("", "ConfigMap", "shop", "b")]
        )
    )

    written = full.manifest("kubia", "dev", "kubia/v1")

    assert written["metadata"]["annotations"] == {
        applyset.TOOLING: "kubia/v1",
        applyset.GROUP_KINDS: "ConfigMap,Deployment.apps,Namespace",
        applyset.NAMESPACES: "other",
    }
    assert applyset.read(written) == full


def test_only_what_we_have_labelled_ourselves_is_ours() -> None:
    assert applyset.is_ours(member("a", managed()))
    assert not applyset.is_ours(member("a", managed("kubectl")))
    assert not applyset.is_ours(member("a", managed("kubia", "Update")))
    assert not applyset.is_ours(member("a", []))


def test_only_members_of_ours_that_are_not_declared_are_deleted_and_by_their_uid() -> None:
    ours = {ObjectRef.of(item): item for item in (member("a", managed()), member("b", managed()))}
    foreign = {ObjectRef.of(item): item for item in (member("c", []),)}

    gone = deletions(Members(ours, foreign), {ObjectRef("", "ConfigMap", "shop", "a")})

    assert [(change.key.name, change.uid) for change in gone] == [("b", "uid-b")]


def test_what_is_applied_last_is_deleted_first() -> None:
    kinds = ("Namespace", "ConfigMap", "Deployment", "Service")
    ours = {ObjectRef("", kind, "", "x"): {"metadata": {"uid": kind}} for kind in kinds}

    gone = [change.key.kind for change in deletions(Members(ours, {}), set())]

    assert gone == ["Deployment", "Service", "ConfigMap", "Namespace"]


def test_a_members_manifest_carries_the_label_and_protection() -> None:
    plain = {"metadata": {"name": "a", "labels": {"x": "y"}}}

    assert applyset.member(plain, SET.id, protect=True) == {
        "metadata": {
            "name": "a",
            "labels": {"x": "y", PART_OF: SET.id},
            "annotations": {applyset.PROTECT: "true"},
        }
    }
    assert plain == {"metadata": {"name": "a", "labels": {"x": "y"}}}
    assert Parent("a", "b").id != SET.id
