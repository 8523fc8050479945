"""A release that is watched while it goes on: its live lines and its picture."""

import shutil

import pytest

from tests.e2e.harness import Cluster, Project, eventually, page
from tests.e2e.load import Load

pytestmark = pytest.mark.e2e

PORT = 30086
URL = f"http://127.0.0.1:{PORT}"
GATE = {"maxSurge": 1, "maxUnavailable": 0, "minReadySeconds": 6, "progressDeadlineSeconds": 20}
"""A release of two pods takes more than the 10 s after which a line tells who answers."""


@pytest.fixture(name="web")
def _web(project: Project) -> Project:
    """Two pods of v1 in a stack and a namespace of their own."""
    shutil.copy(project.file("dev"), project.file("pictures"))
    project.change(
        "pictures",
        {
            "namespace": "kubia-pictures",
            "sites": {},
            "agents": {},
            "operators": {},
            "services.kubia.nodePort": PORT,
            "services.kubia.replicas": 2,
            "services.kubia.strategy": GATE,
            "services.kubia.readiness": {"httpGet": {"path": "/"}, "periodSeconds": 1},
        },
    )
    project.up("pictures")
    eventually(lambda: "v1" in (page(URL) or ""), "v1 answers")
    return project


def test_a_release_is_watched_and_drawn(kube: Cluster, web: Project) -> None:
    web.change("pictures", {"services.kubia.image": "kubia:v2"})
    with Load(URL, new=2, kept=2, pause=0.05) as load:
        done = web.up("pictures", "--probe-url", URL, "--timeline", "release.svg")

    assert not load.failures
    assert "; v2 1/2 ready, v1 2/2 ready" in done.err
    assert " + 1 going" in done.err
    assert f"  {URL}: v1 " in done.err
    assert len(done.err.splitlines()) < 60
    assert f"answers of {URL}:\n  v1: " in done.out
    assert "  all: 0 errors (0.0%)" in done.out
    svg = (web.folder / "release.svg").read_text()
    assert "kubia pictures: v1 → v2, deployed after " in svg
    for text in ("failed: 0", "v1 answers", "v2 answers", "v1 going", "v2 not ready", "v2 ready"):
        assert f">{text}</text>" in svg
    sets = kube.get("replicaset", "kubia-pictures")
    assert sorted(item["status"]["replicas"] for item in sets) == [0, 2]


def test_a_failed_release_is_drawn_too(web: Project) -> None:
    web.change(
        "pictures",
        {"services.kubia.image": "kubia:v3", "services.kubia.readiness.successThreshold": 5},
    )

    failed = web.kubia(
        "up", "--stack", "pictures", "--probe-url", URL, "--timeline", "release.html"
    )

    assert failed.code == 1, failed.text
    assert "  v3: " not in failed.out
    assert "  all: 0 errors (0.0%)" in failed.out
    html = (web.folder / "release.html").read_text()
    assert "kubia pictures: v1 → v3, failed after " in html
    assert ">v3 not ready</text>" in html
    assert ">v3 answers</text>" not in html
