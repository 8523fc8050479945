"""What `--probe-url` measures decides on a release."""

import json
import time

import pytest

from tests.e2e.harness import Cluster, Project, eventually, page

pytestmark = pytest.mark.e2e

URL = "http://127.0.0.1:30080"
ONLY_LISTENS = {"tcpSocket": {}, "periodSeconds": 1}
"""A gate that v3 passes, whose answers are errors."""
PROBED = ("--probe-url", URL)


@pytest.fixture
def web(project: Project) -> Project:
    """Lend stack dev with two pods of v1, whose gate lets v3 through."""
    project.change("dev", {"sites": {}, "agents": {}, "operators": {}})
    project.change("dev", {"services.kubia.replicas": 2, "services.kubia.readiness": ONLY_LISTENS})
    project.up("dev")
    eventually(lambda: page(URL), "the page")
    return project


def outcomes(project: Project) -> list[str]:
    """Return how each release ended."""
    history = project.kubia("history", "--stack", "dev", "--json")
    assert history.code == 0, history.text
    return [str(item["outcome"]) for item in json.loads(history.out)]


def test_errors_fail_a_release_and_undo_it_where_asked(web: Project) -> None:
    web.change("dev", {"services.kubia.image": "kubia:v3"})

    failed = web.kubia("up", "--stack", "dev", *PROBED, "--undo-on-failure")

    assert failed.code == 1, failed.text
    assert "above the bound of 1.0%" in failed.text
    assert "was undone" in failed.text
    assert outcomes(web) == ["deployed", "undone"]
    assert (page(URL) or "").startswith("This is v1")


def test_a_bound_that_is_not_exceeded_deploys(web: Project) -> None:
    web.change("dev", {"services.kubia.image": "kubia:v2"})

    done = web.up("dev", *PROBED)

    assert "all: 0 errors (0.0%)" in done.out
    assert "latency: 50% within" in done.out
    assert outcomes(web) == ["deployed", "deployed"]


def test_the_cure_of_what_fails_is_not_blamed_for_it(web: Project) -> None:
    web.change("dev", {"services.kubia.image": "kubia:v3"})
    bad = web.kubia("up", "--stack", "dev", *PROBED)
    assert bad.code == 1, bad.text
    assert outcomes(web) == ["deployed", "failed"]

    web.change("dev", {"services.kubia.image": "kubia:v1"})
    # v3 answers nothing but errors: a bound far below blames the cure if it is blamed at all.
    web.up("dev", *PROBED, "--max-errors", "10%")

    assert outcomes(web)[-1] == "deployed"


def test_without_a_probe_nothing_is_measured(web: Project) -> None:
    web.change("dev", {"services.kubia.image": "kubia:v3"})

    web.up("dev")

    assert outcomes(web) == ["deployed", "deployed"]


def test_an_image_that_nobody_has_is_told_within_seconds(kube: Cluster, web: Project) -> None:
    strategy = {"progressDeadlineSeconds": 20}
    web.change("dev", {"services.kubia.image": "kubia:v999", "services.kubia.strategy": strategy})

    began = time.monotonic()
    failed = web.kubia("up", "--stack", "dev")

    assert failed.code == 1, failed.text
    # A registry may come back: it is waited for, and told meanwhile.
    assert time.monotonic() - began > 15
    live = [line for line in failed.err.splitlines() if ", image: " in line]
    assert "see that the image exists under this name" in live[0]
    assert len(live) == 1, live
    assert (page(URL) or "").startswith("This is v1")
    assert kube.get("deployment", "kubia-dev", "kubia") is not None
