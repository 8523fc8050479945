"""kubia.drift.renewal: pods read content anew that was put back."""

from dataclasses import replace
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from kubia.apply import wait
from kubia.console import Progress
from kubia.drift import detect, renewal
from kubia.drift.model import Drifted, Finding
from kubia.drift.repair import repair
from kubia.errors import KubiaError
from kubia.program.objects import ObjectRef
from tests.unit.apiserver import Server
from tests.unit.applying import AT_ONCE, MAPS, SPACE, WEB, api, desired, up

PODS = f"{SPACE}/pods/job-1"
POD: Any = {
    "containers": [{"name": "web", "image": "web:1"}],
    "volumes": [{"name": "page", "configMap": {"name": "page"}}],
}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "replicas": 2,
        "strategy": {"type": "RollingUpdate"},
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD},
    },
}
PAGE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "page", "namespace": "shop"},
    "immutable": True,
    "data": {"a": "declared"},
}


def drifted(server: Server) -> Drifted:
    """Return what is found once somebody has made the content anew with other data."""
    live = api(server).apply({**PAGE, "data": {"a": "evil"}})
    user = Drifted(ObjectRef.of(DEPLOYMENT), (), DEPLOYMENT, api(server).apply(DEPLOYMENT))
    changed = (Finding("changed", "data.a", "evil", "declared"),)
    return Drifted(ObjectRef.of(PAGE), changed, PAGE, live, must_replace=True, users=(user,))


def test_pods_leave_the_name_before_they_come_back_to_it() -> None:
    server = Server()
    item = drifted(server)
    server.writes.clear()

    repair(api(server), [item], Progress(None), timing=AT_ONCE)

    assert server.objects[f"{MAPS}/page"]["data"] == {"a": "declared"}
    assert server.objects[WEB]["spec"]["template"]["spec"] == POD
    assert f"{MAPS}/page-copy" not in server.objects
    assert server.writes == [
        f"delete {MAPS}/page",
        f"apply {MAPS}/page",
        f"apply {MAPS}/page-copy",
        f"apply {WEB}",
        *(f"{verb} {WEB}" for verb in ("replace", "apply", "merge")),
        f"delete {MAPS}/page-copy",
    ]


def test_content_whose_pods_nobody_replaces_is_not_said_to_be_repaired() -> None:
    server = Server()
    item = drifted(server)
    paused = {**DEPLOYMENT, "spec": {**DEPLOYMENT["spec"], "paused": True}}
    item = replace(item, users=(replace(item.users[0], manifest=paused),))

    with pytest.raises(KubiaError) as caught:
        renewal.refuse_standing([item])

    assert str(caught.value) == (
        "nothing was repaired: pods of Deployment shop/web need ConfigMap shop/page read anew, but "
        "its rollout is paused: go on with that rollout first."
    )


def test_content_of_a_job_is_put_back_and_the_job_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "GONE", 0.0)
    server = Server()
    job = {**DEPLOYMENT, "apiVersion": "batch/v1", "kind": "Job"}

    def main() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        k8s.core.v1.ConfigMap("page", **_arguments(PAGE))
        k8s.batch.v1.Job("web", **_arguments(job))

    up(server, main)
    server.objects[f"{MAPS}/page"]["data"] = {"a": "evil"}
    done = {"name": "web-1", "namespace": "shop"}
    server.put("v1", "Pod", PODS, done, spec=POD, status={"phase": "Succeeded"})
    server.writes.clear()

    repair(api(server), detect.find(api(server), desired(main)), Progress(None), timing=AT_ONCE)

    assert server.objects[f"{MAPS}/page"]["data"] == {"a": "declared"}
    assert not [write for write in server.writes if "/jobs/" in write or "-copy" in write]


def test_a_pod_that_has_ended_needs_content_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "GONE", 0.0)
    server = Server()
    item = drifted(server)
    done = {"name": "job-1", "namespace": "shop"}
    server.put("v1", "Pod", PODS, done, spec=POD, status={"phase": "Succeeded"})

    repair(api(server), [item], Progress(None), timing=AT_ONCE)

    assert server.objects[f"{MAPS}/page"]["data"] == {"a": "declared"}
    assert f"{MAPS}/page-copy" not in server.objects


def test_a_pod_that_has_ended_is_waited_for_until_it_is_gone_if_it_is_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wait, "GONE", 0.0)
    server = Server()
    item = drifted(server)
    stopping = {
        "name": "web-1",
        "namespace": "shop",
        "deletionTimestamp": "2026-01-31T12:00:00Z",
    }
    server.put("v1", "Pod", PODS, stopping, spec=POD, status={"phase": "Succeeded"})

    with pytest.raises(KubiaError) as caught:
        repair(api(server), [item], Progress(None), timing=AT_ONCE)

    assert "ConfigMap shop/page is put back, but not yet read by web-1" in str(caught.value)


def _arguments(manifest: dict[str, Any]) -> Any:
    return {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind"}}
