"""kubia.apply.errors: why the cluster would not take an object, or give one up."""

from typing import Any

import pytest

from kubia.apply import errors
from kubia.apply.applyset import PART_OF
from kubia.apply.connection import ApiError
from kubia.errors import KubiaError
from kubia.program.objects import ObjectRef

NAMES = {"namespace": "shop", "name": "web"}
WEB = ObjectRef.of({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": NAMES})

CLAIM = "PersistentVolumeClaim"


def conflict(*managers: str) -> ApiError:
    causes = [{"field": f".spec.{name}", "message": f"conflict with {name}"} for name in managers]
    return ApiError(409, {"message": "conflicts", "details": {"causes": causes}})


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            conflict("hpa", "argo"),
            (
                "spec.hpa is managed by hpa; spec.argo is managed by argo: leave the field out, or "
                "take it over by --force-conflicts."
            ),
        ),
        (
            ApiError(422, {"message": "spec.selector: field is immutable"}),
            "spec.selector: field is immutable; undo the edit, or rename it.",
        ),
        (
            ApiError(422, {"message": "nodePort: provided port is already allocated"}),
            (
                "nodePort: provided port is already allocated; choose another port, or, if it is "
                "this stack's own in the namespace that it leaves, `kubia down` first."
            ),
        ),
        (ApiError(403, {"message": "exceeded quota"}), "exceeded quota"),
        (KubiaError("no such kind"), "no such kind"),
    ],
)
def test_a_refusal_says_how_to_go_on(error: KubiaError, text: str) -> None:
    assert errors.refusal(WEB, error) == f"Deployment shop/web: {text}"


def test_only_what_loses_nothing_is_said_to_be_put_back_by_a_repair() -> None:
    error = ApiError(422, {"message": "field is immutable"})
    content, claim = (ObjectRef("", kind, "shop", "x") for kind in ("ConfigMap", CLAIM))

    assert errors.refusal(content, error) == (
        "ConfigMap shop/x: field is immutable; rename it, delete it, or put it back by "
        "`kubia drift --repair`."
    )
    assert errors.refusal(claim, error) == (
        "PersistentVolumeClaim shop/x: field is immutable; undo the edit, or declare a claim of "
        "another name, which is empty at first."
    )


def test_an_object_of_the_set_is_the_stacks_own_only_if_it_labelled_it() -> None:
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {f"f:{PART_OF}": {}}}}
    entry = {"manager": "kubia", "operation": "Apply", "fieldsV1": fields}
    metadata: dict[str, Any] = {"labels": {PART_OF: "ours"}}
    theirs = errors.stranger(WEB, {"metadata": metadata}, {"ours"})
    ours = errors.stranger(WEB, {"metadata": {**metadata, "managedFields": [entry]}}, {"ours"})

    assert theirs.startswith("Deployment shop/web exists and was not made by this stack")
    assert ours == ""
