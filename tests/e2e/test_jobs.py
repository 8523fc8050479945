"""A migration before a release, on a real node: it stops the release or lets it go on."""

from typing import Any

import pytest

from tests.e2e.harness import Cluster, Project

pytestmark = pytest.mark.e2e

SPACE = "kubia-dev"
FAILS = ["python3", "-c", "print('there is no table orders'); raise SystemExit(4)"]
SUCCEEDS = ["python3", "-c", "print('made table orders')"]


def image_of(kube: Cluster) -> str:
    (container,) = kube.get("deployment", SPACE, "kubia")["spec"]["template"]["spec"]["containers"]
    return str(container["image"])


def jobs(kube: Cluster) -> list[dict[str, Any]]:
    return [*kube.get("jobs", SPACE)]


def test_a_migration_that_fails_stops_the_release_and_says_why_and_then_lets_it_go(
    project: Project, kube: Cluster
) -> None:
    migrate = {"image": "kubia:v1", "command": SUCCEEDS, "backoffLimit": 0, "before": ["kubia"]}
    project.change("dev", {"sites": {}, "agents": {}, "operators": {}})
    project.change("dev", {"jobs": {"migrate": migrate}})
    project.up("dev")
    pods = kube.pods(SPACE, "kubia")
    (first,) = jobs(kube)

    project.change("dev", {"services.kubia.image": "kubia:v2", "jobs.migrate.command": FAILS})
    failed = project.kubia("up", "--stack", "dev")

    assert failed.code == 1, failed.text
    assert "did not complete: " in failed.text
    assert "container main ended with exit code 4" in failed.text
    assert "log main: there is no table orders" in failed.text
    assert f"not touched, for it depends on what failed: Deployment {SPACE}/kubia" in failed.text
    assert image_of(kube) == "kubia:v1"
    assert kube.pods(SPACE, "kubia") == pods
    assert len(jobs(kube)) == 2

    again = project.kubia("up", "--stack", "dev")

    assert again.code == 1, again.text
    assert "(has failed: is made anew)" in again.text
    assert "log main: there is no table orders" in again.text

    project.change("dev", {"jobs.migrate.command": [*SUCCEEDS[:2], "print('made it at last')"]})
    project.up("dev")

    assert image_of(kube) == "kubia:v2"
    (last,) = jobs(kube)
    assert last["metadata"]["name"] != first["metadata"]["name"]
    log = kube.kubectl("logs", f"job/{last['metadata']['name']}", "-n", SPACE)
    assert log == "made it at last\n"
    preview = project.kubia("preview", "--stack", "dev", "--exit-code")
    assert preview.code == 0, preview.text
    drift = project.kubia("drift", "--stack", "dev")
    assert drift.code == 0, drift.text
