"""Releases under load: what users of the page see while versions change."""

import json
import math
import os
import signal
import subprocess
import time

import pytest

from kubia.local import paths, processes
from kubia.manifests.pods import PRE_STOP_SECONDS
from tests.e2e.harness import BIN, Cluster, Project, eventually, page
from tests.e2e.load import Load

pytestmark = pytest.mark.e2e

URL = "http://127.0.0.1:30080"
UPDATES = 20 if os.environ.get("COUNT") else 8
"""Rolling updates in a row: `make soak` sets COUNT."""
QUICK = {"maxSurge": 2, "maxUnavailable": 0, "progressDeadlineSeconds": 60}
EVERY_SECOND = {"httpGet": {"path": "/"}, "periodSeconds": 1}
ONLY_LISTENS = {"tcpSocket": {}, "periodSeconds": 1}
FIVE_IN_A_ROW = {**EVERY_SECOND, "successThreshold": 5}
IMAGES = "jsonpath={.items[*].spec.containers[0].image}"
GATE = {"maxSurge": 1, "maxUnavailable": 0, "minReadySeconds": 10, "progressDeadlineSeconds": 15}


@pytest.fixture(name="web")
def _web(project: Project) -> Project:
    """Two pods of v1 in stack dev."""
    project.change(
        "dev",
        {
            "sites": {},
            "agents": {},
            "operators": {},
            "services.kubia.replicas": 2,
            "services.kubia.strategy": QUICK,
            "services.kubia.readiness": EVERY_SECOND,
        },
    )
    project.up("dev")
    eventually(lambda: page(URL), "the page")
    return project


def release(project: Project, **web: object) -> None:
    project.change("dev", {f"services.kubia.{key}": value for key, value in web.items()})
    project.up("dev")


def settle(load: Load) -> None:
    """Wait until a while after the last old pod has gone."""
    time.sleep(PRE_STOP_SECONDS + 2)
    assert load.answers


def settle_pods(kube: Cluster) -> None:
    """Wait until no pod is stopping any more."""
    eventually(lambda: len(kube.get("pods", "kubia-dev")) == 2, "only the declared pods", 60)


def settled(load: Load, version: str) -> None:
    """Wait until one version alone answers, and see that it stays so."""
    eventually(lambda: answering(load, 1) == {version}, f"{version} alone answers", 20)
    time.sleep(3)
    assert answering(load, 3) == {version}


def answering(load: Load, seconds: float) -> set[str]:
    """Return the versions of the last seconds' answers."""
    return {answer.version for answer in load.since(seconds)}


def share(load: Load, version: str, expected: float) -> None:
    """See that a version gets its share of 4,000 answers, within four standard deviations."""
    before = len(load.answers)
    load.reach(before + 4000, 60)
    seen = load.answers[before:]
    assert len(seen) >= 4000
    measured = sum(answer.version == version for answer in seen) / len(seen)
    print(f"\n{version} got {measured:.1%} of {len(seen)} answers")  # noqa: T201 - measured
    assert abs(measured - expected) < 4 * math.sqrt(expected * (1 - expected) / len(seen))


@pytest.mark.timeout(900)
def test_rolling_updates_one_after_another_lose_no_request(web: Project) -> None:
    with Load(URL) as load:
        for number in range(UPDATES):
            release(web, image=f"kubia:v{2 - number % 2}")
        settle(load)
        load.reach(2500 * UPDATES, 300)

    assert not load.lost
    assert len(load.answers) >= 2500 * UPDATES
    kept = sum(answer.reused for answer in load.answers)
    assert min(kept, len(load.answers) - kept) > 500 * UPDATES
    assert set(load.versions) == {"v1", "v2"}


def test_without_pre_stop_a_rolling_update_loses_requests(web: Project) -> None:
    release(web, preStopSeconds=0)
    with Load(URL, new=8, pause=0) as load:
        for number in range(10):
            release(web, image=f"kubia:v{2 - number % 2}")
            time.sleep(3)
            if load.failures:
                break

    assert load.failures


def lost_with_a_late_proxy(kube: Cluster) -> list[str]:
    """Return what users lose when kube-proxy hears of a stopping pod 7 seconds late."""
    proxy = processes.read(paths.layout(kube.name).processes, "kube-proxy")
    assert proxy is not None
    pod = next(iter(kube.pods("kubia-dev", "kubia")))
    with Load(URL, new=4, kept=0, pause=0.02) as load:
        load.reach(50, 10)
        os.kill(proxy.pid, signal.SIGSTOP)
        try:
            kube.kubectl("delete", "pod", pod, "-n", "kubia-dev", "--wait=false")
            time.sleep(7)
        finally:
            os.kill(proxy.pid, signal.SIGCONT)
        settle(load)
    return load.lost


@pytest.mark.usefixtures("web")
def test_a_proxy_that_is_late_loses_no_request(kube: Cluster) -> None:
    settle_pods(kube)
    assert not lost_with_a_late_proxy(kube)


def test_a_proxy_that_is_later_than_pre_stop_loses_requests(kube: Cluster, web: Project) -> None:
    release(web, preStopSeconds=4)
    settle_pods(kube)
    assert lost_with_a_late_proxy(kube)


def test_a_bad_version_is_held_back_by_its_readiness(kube: Cluster, web: Project) -> None:
    release(web, strategy=GATE, readiness=FIVE_IN_A_ROW)
    web.change("dev", {"services.kubia.image": "kubia:v3"})
    with Load(URL, new=2, kept=2, pause=0.02) as load:
        failed = web.kubia("up", "--stack", "dev")

    assert failed.code == 1, failed.text
    assert "kubia-" in failed.text
    assert "500" in failed.text
    # The readiness checks took the errors: no user met v3 at all.
    assert not load.lost
    assert set(load.versions) == {"v1"}
    live = kube.get("deployment", "kubia-dev", "kubia")["status"]
    reasons = {condition["type"]: condition["reason"] for condition in live["conditions"]}
    assert reasons["Progressing"] == "ProgressDeadlineExceeded"
    assert live["availableReplicas"] == 2


def test_a_release_that_fails_is_undone_on_request(kube: Cluster, web: Project) -> None:
    release(web, strategy=GATE, readiness=FIVE_IN_A_ROW)
    web.change("dev", {"services.kubia.image": "kubia:v3"})
    with Load(URL, new=2, kept=2, pause=0.02) as load:
        failed = web.kubia("up", "--stack", "dev", "--undo-on-failure")

    assert failed.code == 1, failed.text
    assert "was undone" in failed.text
    assert not load.lost
    assert set(load.versions) == {"v1"}
    live = kube.get("deployment", "kubia-dev", "kubia")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "kubia:v1"
    assert live["status"]["updatedReplicas"] == live["status"]["replicas"] == 2
    again = web.kubia("up", "--stack", "dev")
    assert again.code == 1, again.text
    assert "was undone" in again.text


def test_a_rollback_takes_half_a_minute_at_most_and_stays(web: Project) -> None:
    release(web, replicas=3)
    release(web, image="kubia:v2")
    declared = web.file("dev").read_text()
    with Load(URL, new=2, kept=2, pause=0.02) as load:
        began = time.monotonic()
        back = web.kubia("rollback", "--stack", "dev", "--yes")
        spent = time.monotonic() - began
        settled(load, "v1")

    assert back.code == 0, back.text
    print(f"\nrollback of 3 pods: {spent:.1f} s")  # noqa: T201 - measured
    assert spent <= 30
    assert not load.lost
    releases = json.loads(web.kubia("history", "--stack", "dev", "--json").out)
    number = releases[-3]["number"]
    assert releases[-1]["cause"] == f"rollback to {number}"
    assert [item["state"] for item in releases[-3:]] == [
        "deployed",
        f"rolled back to {number}",
        "deployed",
    ]
    # Another checkout still declares the bad version: it must not come back unasked.
    web.file("dev").write_text(declared)
    refused = web.kubia("up", "--stack", "dev")
    assert refused.code == 1, refused.text
    assert "--again" in refused.text
    assert (page(URL) or "").startswith("This is v1 ")


def test_without_the_gate_a_bad_version_reaches_users(web: Project) -> None:
    release(web, readiness=ONLY_LISTENS, image="kubia:v3")
    with Load(URL, new=2, kept=2, pause=0.02) as load:
        load.reach(200, 30)

    assert load.failures["status 500"]


def test_blue_green_switches_and_switches_back_without_a_failure(
    kube: Cluster, web: Project
) -> None:
    blue = {"type": "BlueGreen", "active": "blue"}
    release(web, strategy=blue)
    with Load(URL) as load:
        began = time.monotonic()
        release(
            web, image="kubia:v2", strategy={**blue, "active": "green", "idleImage": "kubia:v1"}
        )
        there = time.monotonic() - began
        settled(load, "v2")
        green = kube.pods("kubia-dev", "kubia")

        began = time.monotonic()
        release(web, image="kubia:v1", strategy={**blue, "idleImage": "kubia:v2"})
        back = time.monotonic() - began
        settled(load, "v1")

    assert kube.pods("kubia-dev", "kubia") == green
    assert back < there  # by as much as pods take to start
    assert not load.lost


def test_blue_green_does_not_switch_to_a_colour_that_is_not_ready(web: Project) -> None:
    blue = {"type": "BlueGreen", "active": "blue", **GATE}
    release(web, strategy=blue)
    web.change(
        "dev",
        {
            "services.kubia.image": "kubia:v3",
            "services.kubia.strategy": {**blue, "active": "green", "idleImage": "kubia:v1"},
        },
    )
    with Load(URL, new=2, kept=2, pause=0.02) as load:
        failed = web.kubia("up", "--stack", "dev")

    assert failed.code == 1, failed.text
    assert set(load.versions) == {"v1"}
    assert not load.lost


def test_a_canary_gets_its_share_step_by_step_and_is_promoted_without_a_failure(
    web: Project,
) -> None:
    release(web, replicas=3)
    canary = {**QUICK, "type": "Canary", "canaryImage": "kubia:v2"}
    with Load(URL, new=6, kept=0) as load:
        release(web, strategy=canary)
        time.sleep(2)
        share(load, "v2", 1 / 4)
        release(web, strategy={**canary, "canaryReplicas": 3})
        time.sleep(2)
        share(load, "v2", 3 / 6)

        promoted = web.kubia("promote", "--stack", "dev", "--yes")
        assert promoted.code == 0, promoted.text
        settled(load, "v2")

    assert not load.lost


def test_a_canary_whose_errors_are_above_the_bound_is_not_promoted_but_aborted(
    kube: Cluster, web: Project
) -> None:
    canary = {**QUICK, "type": "Canary", "canaryImage": "kubia:v3"}
    release(web, readiness=ONLY_LISTENS, strategy=canary)

    measured = ("--probe-url", URL, "--error-bound", "0.01", "--window", "5")
    refused = web.kubia("promote", "--stack", "dev", "--yes", *measured)

    assert refused.code == 1, refused.text
    assert "above" in refused.text
    assert kube.get("deployment", "kubia-dev", "kubia-canary") is not None
    aborted = web.kubia("abort", "--stack", "dev", "--yes")
    assert aborted.code == 0, aborted.text
    assert kube.get("deployment", "kubia-dev", "kubia-canary") is None
    images = kube.kubectl("get", "pods", "-n", "kubia-dev", "-l", "app=kubia", "-o", IMAGES)
    assert "kubia:v1" in images


def test_recreate_leaves_a_gap_and_never_runs_both(web: Project) -> None:
    release(web, strategy={"type": "Recreate", "progressDeadlineSeconds": 60})
    with Load(URL, new=2, kept=0, pause=0.02) as load:
        release(web, image="kubia:v2")
        time.sleep(2)

    answered = [answer for answer in load.answers if not answer.failure]
    first = next(answer.at for answer in answered if answer.version == "v2")
    last = max(answer.at for answer in answered if answer.version == "v1")
    print(f"\nRecreate: nobody answered for {first - last:.1f} s")  # noqa: T201 - measured
    assert load.failures
    assert 0 < first - last < 60


def test_a_paused_rollout_serves_both_versions_until_it_is_resumed(web: Project) -> None:
    # The first new pod does not count for long, so the rollout stands there until it is paused.
    standing = {
        **QUICK,
        "maxSurge": 1,
        "minReadySeconds": 240,
        "progressDeadlineSeconds": 300,
    }
    paused = {**standing, "paused": True}
    release(web, replicas=3)
    with Load(URL, new=4, kept=0, pause=0.02) as load:
        release(web, image="kubia:v2", strategy=paused)
        assert set(load.versions) == {"v1"}
        web.change("dev", {"services.kubia.strategy": standing})
        rolling = web.start("up", "--stack", "dev")
        eventually(lambda: "v2" in load.versions or None, "the first pod of v2", 120)
        rolling.kill()
        rolling.wait()
        release(web, strategy=paused)
        time.sleep(3)
        assert answering(load, 2) == {"v1", "v2"}
        release(web, strategy=QUICK)
        settled(load, "v2")

    assert not load.lost


def work(kube: Cluster, seconds: int) -> "subprocess.Popen[bytes]":
    """Keep a processor busy in one of the pods, for so long at most."""
    code = f"import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
    inside = ("deployment/kubia", "-n", "kubia-dev", "--", "python3", "-c", code)
    words = [str(BIN / "kubectl"), "--context", kube.name, "exec", *inside]
    return subprocess.Popen(words, env=kube.environment)


def test_up_leaves_the_number_of_pods_to_the_autoscaler(kube: Cluster, web: Project) -> None:
    scaler = {"minReplicas": 1, "maxReplicas": 3, "cpuPercent": 50}
    web.change("dev", {"services.kubia.replicas": None, "services.kubia.autoscaler": scaler})
    web.up("dev")

    def replicas() -> int:
        return int(kube.get("deployment", "kubia-dev", "kubia")["spec"]["replicas"])

    before = replicas()
    with work(kube, 180) as worker:
        eventually(lambda: replicas() == 3, f"the autoscaler makes three of {before}", 150)
        worker.kill()
    release(web, image="kubia:v2")

    assert replicas() == 3
    assert web.kubia("preview", "--stack", "dev", "--exit-code").code == 0
