"""kubia.live.left_alone: what others may have of our objects, and what not."""

import re
from pathlib import Path
from typing import Any

import pytest

from kubia.live import left_alone

PAGE = Path(__file__).resolve().parents[3] / "docs/drift.md"


def box(name: str) -> dict[str, str]:
    return {"name": name}


DECLARED: dict[str, Any] = {
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {"replicas": 1, "template": {"spec": {"containers": [box("web")]}}},
}
LIVE: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "uid": "1",
        "labels": {"app": "other", "team": "x", "app.kubernetes.io/version": "1"},
        "annotations": {
            "deployment.kubernetes.io/revision": "3",
            "service.kubernetes.io/topology-mode": "Auto",
        },
        "finalizers": ["example.org/hold", "foregroundDeletion", "kubernetes.io/pvc-protection"],
    },
    "spec": {
        "replicas": 5,
        "paused": True,
        "template": {
            "metadata": {"annotations": {left_alone.RESTARTED: "now", "example.org/x": "y"}},
            "spec": {"containers": [box("mesh"), {**box("web"), "image": "evil"}]},
        },
    },
}


def test_what_is_left_to_others_is_kept_and_nothing_else_is() -> None:
    joined = left_alone.joined(DECLARED, LIVE)

    assert joined == {
        "metadata": {
            "name": "web",
            "labels": {"app": "web", "team": "x", "app.kubernetes.io/version": "1"},
            "annotations": {"deployment.kubernetes.io/revision": "3"},
            "finalizers": ["foregroundDeletion", "kubernetes.io/pvc-protection"],
        },
        "spec": {
            "replicas": 1,
            "template": {
                "metadata": {"annotations": {left_alone.RESTARTED: "now"}},
                "spec": {"containers": [box("web")]},
            },
        },
    }


def test_an_autoscalers_number_and_injected_containers_are_kept_where_that_is_asked_for() -> None:
    spec = left_alone.joined(DECLARED, LIVE, {"autoscaled", "lenient"})["spec"]

    assert spec["replicas"] == 5
    assert spec["template"]["spec"]["containers"] == [box("web"), box("mesh")]


def test_a_claim_keeps_the_volume_that_it_is_bound_to() -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    bound = {"pv.kubernetes.io/bind-completed": "yes"}
    live = {
        "metadata": {"name": "data", "annotations": {**bound, "node.kubernetes.io/x": "y"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": "disk-1"},
    }

    assert left_alone.joined(claim, live) == {
        "metadata": {"name": "data", "annotations": bound},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": "disk-1"},
    }


@pytest.mark.parametrize(
    ("name", "obeyed"),
    [
        ("team", False),
        ("example.org/team", False),
        ("notkubernetes.io/x", False),
        ("app.kubernetes.io/name", False),
        ("kubernetes.io/change-cause", False),
        ("service.kubernetes.io/service-proxy-name", True),
        ("pod-security.kubernetes.io/enforce", True),
        ("rbac.authorization.k8s.io/aggregate-to-admin", True),
    ],
)
def test_kubernetes_obeys_names_in_its_own_domains(
    name: str,
    obeyed: bool,  # noqa: FBT001 - a parameter
) -> None:
    assert left_alone.is_obeyed(name) is obeyed


def test_the_page_shows_the_table() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    shown = {tuple(re.split(r" \| ", line.strip("| "))) for line in rows}

    assert {(row.what, row.reason) for row in left_alone.ROWS} <= shown
