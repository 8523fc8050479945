"""kubia.actions.reach: what a name means in a stack's namespace."""

from typing import Any

import pytest

from kubia.actions import reach
from kubia.apply.api import Api
from kubia.errors import InvalidError
from kubia.manifests.meta import COMPONENT
from tests.unit.apiserver import Server

SPACE = "namespaces/shop"


@pytest.fixture(name="server")
def _server() -> Server:
    server = Server()
    for name, labels in (("web", {"app": "web", "track": "blue"}), ("help", {"app": "help"})):
        server.put(
            "v1",
            "Service",
            f"/api/v1/{SPACE}/services/{name}",
            {"name": name, "namespace": "shop"},
            spec={"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]},
        )
    for kind, plural, name in (
        ("Deployment", "deployments", "web"),
        ("DaemonSet", "daemonsets", "disk"),
    ):
        server.put(
            "apps/v1",
            kind,
            f"/apis/apps/v1/{SPACE}/{plural}/{name}",
            {"name": name, "namespace": "shop"},
            spec={"selector": {"matchLabels": {"app": name}}},
        )
    return server


@pytest.fixture(name="api")
def _api(server: Server) -> Api:
    return Api(server)  # type: ignore[arg-type]


def test_a_name_means_the_pods_that_its_service_serves_or_else_its_workloads(api: Api) -> None:
    assert reach.pods(api, "shop", "web") == {"app": "web", "track": "blue"}
    assert reach.pods(api, "shop", "disk") == {"app": "disk"}


def test_only_what_has_a_service_has_an_address(api: Api) -> None:
    assert reach.served(api, "shop", "help") == 80
    with pytest.raises(InvalidError) as caught:
        reach.served(api, "shop", "disk")
    assert str(caught.value) == "nothing is called 'disk' in shop: help, web is."


def test_an_unknown_name_is_refused_with_those_that_there_are(api: Api) -> None:
    with pytest.raises(InvalidError) as caught:
        reach.pods(api, "shop", "wep")
    assert str(caught.value) == (
        "nothing is called 'wep' in shop: disk, help, web is; did you mean 'web'?"
    )


@pytest.mark.parametrize(
    ("spec", "lacks"),
    [
        ({"type": "ExternalName", "externalName": "example.org"}, "has no port"),
        ({"ports": [{"port": 80}]}, "selects no pods"),
        ({"clusterIP": "None", "selector": {"app": "web"}}, "has no port"),
    ],
)
def test_a_service_to_which_nothing_can_be_forwarded_is_refused(
    server: Server, api: Api, spec: dict[str, Any], lacks: str
) -> None:
    where = {"name": "away", "namespace": "shop"}
    server.put("v1", "Service", f"/api/v1/{SPACE}/services/away", where, spec=spec)

    with pytest.raises(InvalidError) as caught:
        reach.served(api, "shop", "away")

    assert str(caught.value) == (
        f"Service shop/away {lacks}, so that nothing can be forwarded to it."
    )


def test_what_selects_no_pods_is_not_said_to_be_called_so(server: Server, api: Api) -> None:
    where = {"name": "away", "namespace": "shop"}
    spec = {"type": "ExternalName", "externalName": "example.org"}
    server.put("v1", "Service", f"/api/v1/{SPACE}/services/away", where, spec=spec)

    with pytest.raises(InvalidError, match=r"nothing is called 'away' in shop: disk, help, web is"):
        reach.pods(api, "shop", "away")

    assert "away" not in reach.names(api, "shop")


def test_a_task_is_meant_by_its_name_in_all_its_versions_and_runs(server: Server, api: Api) -> None:
    migrate = {"app": "migrate", COMPONENT: "job"}
    backup = {"app": "backup", COMPONENT: "cron-job"}
    jobs = f"/apis/batch/v1/{SPACE}/jobs"
    for name, labels in (("migrate-1", migrate), ("migrate-2", migrate), ("backup-1", {})):
        server.put(
            "batch/v1",
            "Job",
            f"{jobs}/{name}",
            {"name": name, "namespace": "shop", "labels": labels},
            spec={"selector": {"matchLabels": {"batch.kubernetes.io/job-name": name}}},
        )
    server.put(
        "batch/v1",
        "CronJob",
        f"/apis/batch/v1/{SPACE}/cronjobs/backup",
        {"name": "backup", "namespace": "shop", "labels": backup},
        spec={"jobTemplate": {}},
    )

    assert reach.pods(api, "shop", "migrate") == migrate
    assert reach.pods(api, "shop", "backup") == backup
    assert reach.pods(api, "shop", "migrate-2") == {"batch.kubernetes.io/job-name": "migrate-2"}
    assert reach.names(api, "shop") == ["backup", "backup-1", "disk", "help", "migrate", "web"]
