"""kubia.drift.fields: how objects differ, where the server cannot say what would be."""

from typing import Any

import pytest

from kubia.drift import fields

DECLARED = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"containers": [{"name": "web", "image": "web:v1"}]},
}


def live(*containers: dict[str, Any]) -> dict[str, Any]:
    spec = {"containers": list(containers), "nodeName": "one"}
    return {**DECLARED, "metadata": {**DECLARED["metadata"], "managedFields": []}, "spec": spec}  # type: ignore[dict-item]


DEFAULTED = {"name": "web", "image": "web:v1", "imagePullPolicy": "IfNotPresent", "resources": {}}


@pytest.mark.parametrize(
    ("found", "paths"),
    [
        (live(DEFAULTED), []),
        (live({**DEFAULTED, "image": "web:v2"}), ["spec.containers[web].image"]),
        (live(DEFAULTED, {"name": "more", "image": "x"}), ["spec.containers[more]"]),
        (live(), ["spec.containers[web]"]),
    ],
    ids=["defaults", "an image", "one more", "none"],
)
def test_of_what_cannot_change_only_the_declared_is_compared(
    found: dict[str, Any], paths: list[str]
) -> None:
    findings = list(fields.of_immutable(found, DECLARED, ()))

    assert [finding.path for finding in findings] == paths
