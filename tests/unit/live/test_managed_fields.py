"""kubia.live.managed_fields: who owns a field, and what is left over."""

from typing import Any

import pytest

from kubia.live import managed_fields
from tests.unit.live_objects import EDITED, entry

US = "kubia"
EDITOR = managed_fields.Owner("kubectl-edit", "Update", "2026-01-02T00:00:00Z")


def test_the_owner_of_a_field_is_whoever_else_set_it() -> None:
    path = ("spec", "template", "spec", "containers", "web")

    def owner(*steps: str | int) -> managed_fields.Owner | None:
        return managed_fields.owner_of(EDITED, steps, US)

    assert owner(*path, "image") == EDITOR
    assert owner(*path, "command", 0) == EDITOR
    assert str(owner("spec", "replicas")) == "scaler (Update, 2026-01-03T00:00:00Z)"
    assert owner("metadata", "labels", "a") is None
    assert owner(*path, "name") == managed_fields.Owner("kubia", "Apply", "2026-01-01T00:00:00Z")
    last = managed_fields.last_other(EDITED, US)
    assert last is not None
    assert last.manager == "scaler"


def test_what_a_manager_has_applied_is_neither_its_updates_nor_its_status() -> None:
    fields: dict[str, Any] = {"f:spec": {}}
    status = {**entry(US, "", {"f:status": {}}, "Apply"), "subresource": "status"}
    others = [entry(US, "", {"f:data": {}}), entry("other", "", {"f:data": {}}, "Apply"), status]

    def applied(*of: Any) -> Any:
        return managed_fields.applied({"metadata": {"managedFields": [*others, *of]}}, US)

    assert applied() is None
    assert applied(entry(US, "", fields, "Apply")) == fields
    assert managed_fields.applied({"metadata": {}}, US) is None


def test_a_field_that_is_owned_and_no_longer_desired_is_left_over() -> None:
    desired = {"spec": {"containers": [{"name": "n", "image": "i"}]}}
    item = 'k:{"name":"n"}'
    same: Any = {"f:spec": {"f:containers": {item: {".": {}, "f:name": {}, "f:image": {}}}}}
    more: Any = {"f:spec": {"f:containers": {item: {".": {}, "f:name": {}, "f:tty": {}}}}}
    gone: Any = {"f:spec": {"f:containers": {'k:{"name":"old"}': {".": {}}}}}

    assert not managed_fields.has_leftover(same, desired)
    assert managed_fields.has_leftover(more, desired)
    assert managed_fields.has_leftover(gone, desired)


def test_a_key_of_an_item_that_is_desired_to_be_the_default_need_not_be_named() -> None:
    fields: Any = {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}}}

    assert not managed_fields.has_leftover(fields, {"ports": [{"port": 80}]})
    assert managed_fields.has_leftover(fields, {"ports": [{"port": 81}]})
    assert managed_fields.has_leftover(fields, {"ports": [{"port": 80, "protocol": "UDP"}]})


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

    assert managed_fields.is_autoscaled({"metadata": {"managedFields": [entry]}}) is expected


def test_one_manager_inherits_what_others_of_a_name_wrote() -> None:
    def written(
        manager: str, operation: str, fields: dict[str, Any], **rest: str
    ) -> dict[str, Any]:
        return {"manager": manager, "operation": operation, "fieldsV1": fields, **rest}

    status = written("pulumi-kubernetes", "Update", {"f:status": {}}, subresource="status")
    others = written("kube-controller-manager", "Update", {"f:metadata": {"f:annotations": {}}})
    ours = written("kubia", "Apply", {"f:spec": {"f:ports": {'k:{"port":80}': {".": {}}}}})
    theirs = written("pulumi-kubernetes-1f2e", "Apply", {"f:spec": {"f:type": {}}})
    created = written("pulumi-kubernetes", "Update", {"f:metadata": {"f:labels": {"f:app": {}}}})
    every = [status, ours, theirs, others, created]

    assert managed_fields.inherited(
        {"metadata": {"managedFields": every}}, "kubia", "pulumi-kubernetes"
    ) == [
        status,
        others,
        written(
            "kubia",
            "Apply",
            {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {"f:ports": {'k:{"port":80}': {".": {}}}, "f:type": {}},
            },
        ),
    ]
    left = {"metadata": {"managedFields": [status, ours, others]}}
    assert managed_fields.inherited(left, "kubia", "pulumi-kubernetes") is None


def test_all_that_others_wrote_is_seized_but_what_is_left_to_them() -> None:
    edited = {"f:metadata": {"f:labels": {}}, "f:spec": {"f:paused": {}, "f:ports": {"k:1": {}}}}
    status = {**entry("controller", "", {"f:status": {}}), "subresource": "status"}
    own = entry(US, "", {"f:spec": {"f:ports": {"k:0": {}}}}, "Apply")
    live = {"metadata": {"managedFields": [status, entry("editor", "", edited), own]}}

    kept_status, editor, ours = managed_fields.seized(live, US, lambda path: path[0] == "metadata")

    assert kept_status == status
    assert editor["fieldsV1"] == {"f:metadata": {"f:labels": {}}}
    assert (ours["manager"], ours["operation"]) == (US, "Apply")
    assert ours["fieldsV1"]["f:spec"] == {"f:paused": {}, "f:ports": {"k:0": {}, "k:1": {}}}
