"""kubia.apply.in_use: what the pods of a paused rollout, or of running Jobs, go on with."""

from collections.abc import Callable
from typing import Any

import pulumi_kubernetes as k8s

from kubia.apply import text
from kubia.apply.connection import ApiError
from tests.unit.apiserver import Server
from tests.unit.applying import MAPS, SPACE, up

OLD = "page-0000000000"
NEW = "page-1111111111"


def shop(page: str, *, paused: bool = False) -> Callable[[], None]:
    """Return a program: a Deployment whose pods serve a page, or ("") none."""

    def main() -> None:
        labels = {"app": "web"}
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        pod: Any = {"containers": [{"name": "web", "image": "web:v1"}]}
        if page:
            own: Any = {"name": page, "namespace": "shop"}
            k8s.core.v1.ConfigMap("page", metadata=own, data={"page": page}, immutable=True)
            pod["volumes"] = [{"name": "page", "configMap": {"name": page}}]
        spec: Any = {
            "replicas": 1,
            "paused": paused,
            "strategy": {"type": "RollingUpdate"},
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
        own = {"name": "web", "namespace": "shop"}
        k8s.apps.v1.Deployment("web", metadata=own, spec=spec)

    return main


def test_what_the_pods_of_a_paused_rollout_need_is_kept_until_it_goes_on() -> None:
    server = Server()
    up(server, shop(OLD))

    plan = up(server, shop(NEW, paused=True))

    kept = f"  ! ConfigMap shop/{OLD} is kept: pods that nobody waits for need it"
    assert kept in text.lines(plan)
    assert {f"{MAPS}/{OLD}", f"{MAPS}/{NEW}"} <= server.objects.keys()
    assert up(server, shop(NEW, paused=True)).is_empty

    up(server, shop(NEW))

    assert f"{MAPS}/{OLD}" not in server.objects
    assert up(server, shop(NEW)).is_empty


def test_all_content_is_kept_where_nobody_may_see_who_needs_it() -> None:
    class Closed(Server):
        def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path.endswith("/replicasets"):
                raise ApiError(403, {"message": "replicasets is forbidden"})
            return super().request(method, path, *rest, **more)

    server = Closed()
    up(server, shop(OLD))

    up(server, shop(NEW, paused=True))

    assert f"{MAPS}/{OLD}" in server.objects


def test_what_is_kept_is_found_again_when_no_other_of_its_kind_is_declared() -> None:
    server = Server()
    up(server, shop(OLD))
    up(server, shop("", paused=True))
    assert f"{MAPS}/{OLD}" in server.objects

    up(server, shop(""))

    assert f"{MAPS}/{OLD}" not in server.objects


def backup(secret: str, account: str) -> Callable[[], None]:
    """Return a program: a CronJob that needs a Secret and runs under an account."""

    def main() -> None:
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        own: Any = {"name": secret, "namespace": "shop"}
        k8s.core.v1.Secret(secret, metadata=own, immutable=True)
        own = {"name": account, "namespace": "shop"}
        k8s.core.v1.ServiceAccount(account, metadata=own)
        pod = {"spec": running(secret, account)}
        spec: Any = {"schedule": "@daily", "jobTemplate": {"spec": {"template": pod}}}
        own = {"name": "backup", "namespace": "shop"}
        k8s.batch.v1.CronJob("backup", metadata=own, spec=spec)

    return main


def running(secret: str, account: str) -> dict[str, Any]:
    """Return the spec of its pods."""
    env = [{"secretRef": {"name": secret}}]
    return {"serviceAccountName": account, "containers": [{"name": "backup", "envFrom": env}]}


def test_what_a_running_job_of_a_changed_cron_job_needs_is_kept_until_it_has_ended() -> None:
    server = Server()
    up(server, backup("env-0000000000", "old"))
    path = "/apis/batch/v1/namespaces/shop/jobs/backup-1"
    owner = {"kind": "CronJob", "name": "backup", "uid": "uid-backup"}
    metadata = {"name": "backup-1", "namespace": "shop", "ownerReferences": [owner]}
    spec = {"template": {"spec": running("env-0000000000", "old")}}
    server.put("batch/v1", "Job", path, metadata, spec=spec)

    up(server, backup("env-1111111111", "new"))

    old = {f"{SPACE}/secrets/env-0000000000", f"{SPACE}/serviceaccounts/old"}
    assert old <= server.objects.keys()

    complete = {"type": "Complete", "status": "True"}
    server.put("batch/v1", "Job", path, metadata, spec=spec, status={"conditions": [complete]})
    up(server, backup("env-1111111111", "new"))

    assert not old & server.objects.keys()
