"""kubia.drift.detect: what is changed or missing is drift until it is repaired."""

from dataclasses import replace
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from kubia.apply import applyset, execute, plan
from kubia.apply.applyset import PART_OF, PROTECT
from kubia.apply.connection import ApiError
from kubia.console import Progress
from kubia.drift import detect, text
from kubia.drift.repair import repair
from kubia.errors import KubiaError
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import AT_ONCE, MAPS, SPACE, WEB, api, desired, shop, up


def test_what_is_changed_or_missing_is_found_and_repaired() -> None:
    server = Server()
    up(server, shop())
    declared = desired(shop())
    live = server.objects[WEB]
    live["spec"]["image"] = "evil"
    del live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]  # an update takes it away
    del server.objects[f"{MAPS}/x"]
    server.writes.clear()

    drifted = detect.find(api(server), declared)

    assert server.writes == []
    assert list(text.lines(drifted)) == [
        "  ~ ConfigMap shop/x",
        "      ~ is missing",
        "  ~ Deployment shop/web",
        "      ~ changed: spec.image: evil → a",
        "drift (live → declared): 2 in 2 objects",
    ]
    assert text.as_json("dev", drifted)["drift"] == 2
    repair(api(server), drifted, Progress(None), timing=AT_ONCE)
    assert server.writes == [
        f"apply {MAPS}/x",
        *(f"{verb} {WEB}" for verb in ("replace", "apply", "merge")),
    ]
    assert detect.find(api(server), declared) == []


def test_what_pulumi_brought_up_has_no_drift_and_is_repaired_without_marks() -> None:
    server = Server()
    declared = replace(desired(shop(protect=True)), has_set=False)
    for manifest in declared.manifests:
        api(server).apply(manifest.object)

    assert detect.find(api(server), declared) == []

    server.objects[WEB]["spec"]["image"] = "evil"
    del server.objects[SPACE]
    drifted = detect.find(api(server), declared)
    repair(api(server), drifted, Progress(None), timing=AT_ONCE)

    assert [str(item.key) for item in drifted] == ["Namespace shop", "Deployment shop/web"]
    assert detect.find(api(server), declared) == []
    for live in server.objects.values():
        assert PART_OF not in live["metadata"].get("labels", {})
        assert PROTECT not in live["metadata"].get("annotations", {})


@pytest.mark.parametrize("holder", ["metadata", "spec"])
def test_what_is_being_deleted_is_drift_and_no_repair_lets_it_go(holder: str) -> None:
    server = Server()
    up(server, shop())
    path = WEB if holder == "metadata" else SPACE
    live = server.objects[path]
    live["metadata"]["deletionTimestamp"] = "2026-01-31T12:00:00Z"
    live.setdefault(holder, {})["finalizers"] = ["example.org/hold"]
    server.writes.clear()

    (drifted,) = detect.find(api(server), desired(shop()))

    assert drifted.counted[0].text == (
        "is being deleted (since 2026-01-31T12:00:00Z, held by example.org/hold)"
    )
    with pytest.raises(KubiaError) as caught:
        repair(api(server), [drifted], Progress(None), timing=AT_ONCE)
    assert str(caught.value) == (
        f"not repaired: {drifted.key} is being deleted: run it again once it is gone."
    )
    assert server.writes == []


def test_that_all_objects_have_lost_the_sets_label_is_drift_and_repaired() -> None:
    server = Server()
    up(server, shop())
    members = [SPACE, WEB, f"{MAPS}/x", f"{MAPS}/y"]
    for path in members:
        del server.objects[path]["metadata"]["labels"]

    drifted = detect.find(api(server), desired(shop()))

    assert [finding.text for item in drifted for finding in item.counted] == ["removed"] * 4
    repair(api(server), drifted, Progress(None), timing=AT_ONCE)
    assert detect.find(api(server), desired(shop())) == []
    assert up(server, shop()).is_empty


def test_no_repair_takes_what_another_stack_has_or_a_namespace_that_others_have_made() -> None:
    server = Server()
    server.put("v1", "Namespace", SPACE, {"name": "shop"})
    other = replace(desired(alone), project="other", parent=applyset.parent("other", "dev", "shop"))
    execute.apply(api(server), plan.make(api(server), other), Progress(None), timing=AT_ONCE)
    server.writes.clear()

    drifted = detect.find(api(server), desired(shop(maps="xy")))
    with pytest.raises(KubiaError) as caught:
        repair(api(server), drifted, Progress(None), timing=AT_ONCE)

    assert str(caught.value) == (
        "not repaired: Namespace shop cannot be compared: it exists and was not made by this stack,"
        " so it is not taken over: use another one, or declare none and only what goes into it "
        "(`createNamespace: false`); ConfigMap shop/x cannot be compared: it belongs to another "
        f"stack or tool (label {PART_OF}={other.parent.id}): remove it there, or rename it here."
    )
    assert server.writes == [f"apply {MAPS}/y", f"apply {WEB}"]


def test_what_another_set_got_by_somebodys_edit_is_put_back() -> None:
    server = Server()
    up(server, shop())
    edited = applied.copied(server.objects[f"{MAPS}/x"])
    edited["metadata"]["labels"][PART_OF] = "another"
    server.objects[f"{MAPS}/x"] = applied.update(server.objects[f"{MAPS}/x"], edited, "kubectl")

    drifted = detect.find(api(server), desired(shop()))

    repair(api(server), drifted, Progress(None), timing=AT_ONCE)
    assert up(server, shop()).is_empty


def alone() -> None:
    """Declare a ConfigMap in a namespace that somebody else has made."""
    metadata: Any = {"name": "x", "namespace": "shop"}
    k8s.core.v1.ConfigMap("x", metadata=metadata, data={"a": "mine"})


class Choosy(Server):
    """A server that answers to any update of the Deployment with an error."""

    code = 422

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        if (method, path) == ("PUT", WEB):
            raise ApiError(self.code, {"message": "spec is not what it should be"})
        return super().request(method, path, *rest, **more)


def test_an_object_that_the_server_refuses_hides_no_other() -> None:
    server = Choosy()
    up(server, shop())
    server.objects[f"{MAPS}/x"]["data"] = {"a": "evil"}

    drifted = detect.find(api(server), desired(shop()))

    assert [finding.text for item in drifted for finding in item.counted] == [
        "changed",
        "cannot be compared: spec is not what it should be",
    ]
    with pytest.raises(KubiaError) as caught:
        repair(api(server), drifted, Progress(None), timing=AT_ONCE)
    assert str(caught.value) == (
        "not repaired: Deployment shop/web cannot be compared: spec is not what it should be."
    )
    assert server.objects[f"{MAPS}/x"]["data"] == {"a": "b"}


def test_a_server_that_fails_is_no_drift() -> None:
    server = Choosy()
    up(server, shop())
    server.code = 500

    with pytest.raises(KubiaError) as caught:
        detect.find(api(server), desired(shop()))
    assert str(caught.value) == "Deployment shop/web: spec is not what it should be"
