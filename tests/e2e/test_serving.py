"""Changes between strategies, counts and colours under load: nobody is lost, or it is refused."""

import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.e2e.harness import Cluster, Project, eventually, page
from tests.e2e.load import Load
from tests.e2e.test_releases import FIVE_IN_A_ROW, GATE, QUICK, URL, release, settled

pytestmark = pytest.mark.e2e

BLUE = {**QUICK, "type": "BlueGreen", "active": "blue"}
GREEN = {**BLUE, "active": "green"}
CANARY = {**QUICK, "type": "Canary", "canaryImage": "kubia:v2"}
SCALER = {"minReplicas": 4, "maxReplicas": 6}


@pytest.fixture(name="web")
def _web(project: Project) -> Project:
    """Two pods of v1 in stack dev, behind the gate that holds."""
    alone: dict[str, object] = {
        "sites": {},
        "agents": {},
        "operators": {},
        "services.kubia.replicas": 2,
    }
    project.change(
        "dev",
        {**alone, "services.kubia.strategy": QUICK, "services.kubia.readiness": FIVE_IN_A_ROW},
    )
    project.up("dev")
    eventually(lambda: page(URL), "the page")
    return project


@pytest.fixture(name="load")
def _load(web: Project) -> Iterator[Load]:
    """Ask the Service as long as the test runs; nobody may be lost."""
    assert web.used
    with Load(URL, new=2, kept=2, pause=0.02) as load:
        yield load
    assert not load.lost


def refused(project: Project, **keys: object) -> str:
    """Return why an edit is refused, which is put back."""
    before = project.file("dev").read_text()
    project.change("dev", {f"services.kubia.{key}": value for key, value in keys.items()})
    result = project.kubia("up", "--stack", "dev")
    project.file("dev").write_text(before)
    assert result.code in {1, 2}, result.text
    return result.text


def test_no_service_goes_to_what_is_paused_before_it_runs(web: Project, load: Load) -> None:
    assert "leave it out" in refused(web, strategy={**BLUE, "paused": True}, image="kubia:v2")
    release(web, strategy=BLUE)
    assert "does not exist yet" in refused(web, strategy={**QUICK, "paused": True})
    time.sleep(2)
    assert set(load.versions) == {"v1"}


def test_a_first_blue_green_shows_nobody_a_version_before_its_gate(
    web: Project, load: Load
) -> None:
    web.change(
        "dev", {"services.kubia.image": "kubia:v3", "services.kubia.strategy": {**BLUE, **GATE}}
    )
    failed = web.kubia("up", "--stack", "dev")
    assert failed.code == 1, failed.text
    assert set(load.versions) == {"v1"}


def test_the_colour_that_serves_is_not_touched_before_the_switch(web: Project, load: Load) -> None:
    release(web, strategy=BLUE)
    release(web, image="kubia:v2", strategy={**GREEN, "idleImage": "kubia:v1"})
    release(web, image="kubia:v4", strategy={**BLUE, "idleImage": "kubia:v2"})
    settled(load, "v4")
    before = len(load.answers)
    # Back to the release before: blue, which serves v4, goes to v1 only after green serves v2.
    back = web.kubia("rollback", "--stack", "dev", "--yes")
    assert back.code == 0, back.text
    settled(load, "v2")
    assert {answer.version for answer in load.answers[before:]} == {"v4", "v2"}
    # A bad idle image in the same release as the switch: the Service is not left on it.
    web.change(
        "dev", {"services.kubia.image": "kubia:v1", "services.kubia.strategy": {**BLUE, **GATE}}
    )
    web.change(
        "dev",
        {"services.kubia.strategy.idleImage": "kubia:v3", "services.kubia.strategy.active": "blue"},
    )
    web.kubia("up", "--stack", "dev")
    time.sleep(3)
    assert "v3" not in load.versions


def fewest(kube: Cluster, running: "subprocess.Popen[bytes]") -> int:
    """Return the fewest ready pods that there are while a command runs."""
    fewest_seen = 100
    while running.poll() is None:
        live = kube.get("deployment", "kubia-dev", "kubia")
        fewest_seen = min(fewest_seen, live["status"].get("readyReplicas", 0))
        time.sleep(0.1)
    assert running.returncode == 0
    return fewest_seen


def test_a_number_of_pods_is_handed_to_the_autoscaler_and_back(
    kube: Cluster, web: Project, load: Load
) -> None:
    release(web, replicas=4)
    web.change("dev", {"services.kubia.replicas": None, "services.kubia.autoscaler": SCALER})
    assert fewest(kube, web.start("up", "--stack", "dev")) == 4
    web.change("dev", {"services.kubia.replicas": 4, "services.kubia.autoscaler": None})
    assert fewest(kube, web.start("up", "--stack", "dev")) == 4
    release(web, replicas=2)
    assert set(load.versions) == {"v1"}


def test_nobody_is_left_without_a_version_by_a_promotion(web: Project, load: Load) -> None:
    release(web, strategy={**CANARY, "paused": True})
    promoted = web.kubia("promote", "--stack", "dev", "--yes")
    assert promoted.code == 2, promoted.text
    assert "paused" in promoted.text
    release(web, strategy=CANARY, replicas=0)
    assert web.kubia("promote", "--stack", "dev", "--yes").code == 2
    assert "left without a pod" in refused(web, strategy=QUICK)
    assert "v2" in load.versions


def test_a_failed_rollout_says_why_and_the_old_version_serves(
    kube: Cluster, project: Project
) -> None:
    project.change(
        "dev",
        {
            "services.kubia.strategy": {"minReadySeconds": 10, "progressDeadlineSeconds": 15},
            "services.kubia.readiness": {"httpGet": {"path": "/"}, "periodSeconds": 1},
        },
    )
    project.up("dev")
    project.change("dev", {"services.kubia.image": "kubia:v3"})

    failed = project.kubia("up", "--stack", "dev")

    assert failed.code == 1, failed.text
    assert "kubia-" in failed.text
    assert "500" in failed.text
    assert "Traceback" not in failed.text
    assert (page(URL) or "").startswith("This is v1 running in pod kubia-")
    project.change("dev", {"services.kubia.image": "kubia:v1"})
    project.up("dev")
    assert len(kube.pods("kubia-dev", "kubia")) == 1
