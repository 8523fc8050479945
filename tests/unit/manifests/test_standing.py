"""Pods that nobody waits for keep the content that they go on with."""

from typing import Any

import pytest

from kubia.manifests import standing
from kubia.manifests.releases import CONTENT

HALF_WAY = (
    "Deployment shop is to be paused (strategy.paused) half-way through a rollout, and old pods "
    "may need content that Pulumi would delete: let it end first, or go back to the release before."
)


def declared(*names: str, paused: bool = True) -> dict[str, Any]:
    """Return a declared Deployment whose pods name this content."""
    annotations = {CONTENT: " ".join(names) or "none"}
    return {"metadata": {"annotations": annotations}, "spec": {"paused": paused}}


def live(*names: str, pods: int = 3, updated: int = 3, noticed: int = 7) -> dict[str, Any]:
    """Return the live Deployment, in its generation 7."""
    item = declared(*names, paused=False)
    item["metadata"]["generation"] = 7
    item["status"] = {"observedGeneration": noticed}
    counts = {"replicas": pods, "updatedReplicas": updated}
    item["status"] |= {key: count for key, count in counts.items() if count}
    return item


def problem(before: dict[str, Any], new: dict[str, Any], *, stood: bool = False) -> str:
    return standing.of_deployment("shop", declared(paused=stood), before, new)


def test_what_all_pods_name_has_to_stay_declared() -> None:
    assert problem(live("env-1", "files-1"), declared("env-2", "files-1")) == (
        "Deployment shop is to be paused (strategy.paused), and its pods go on with env-1, which "
        "is no longer declared: change the content once it is resumed, or bring it up without the "
        "pause."
    )
    assert "go on with env-1, files-1, which" in problem(live("env-1", "files-1"), declared())
    assert "go on with env-1, which" in problem(live("env-1"), declared(), stood=True)


@pytest.mark.parametrize("before", [live("env-1", updated=2), live("env-1", noticed=6)])
def test_half_way_through_a_rollout_nobody_knows_what_old_pods_name(before: dict[str, Any]) -> None:
    assert problem(before, declared("env-1")) == HALF_WAY
    assert problem(before, declared("env-1", "env-2")) == HALF_WAY


def test_what_deletes_nothing_may_be_paused() -> None:
    assert problem(live("env-1"), declared("env-1")) == ""
    assert problem(live(), declared("env-1")) == ""
    assert problem(live("env-1", updated=0), declared("env-1"), stood=True) == ""


def test_without_pods_or_a_pause_nothing_has_to_stay() -> None:
    assert problem(live("env-1", pods=0, updated=0), declared()) == ""
    assert problem(live("env-1", updated=1), declared(paused=False)) == ""


def test_a_cron_job_keeps_what_its_running_jobs_name() -> None:
    before = declared("env-1")
    running = {**before, "status": {"active": [{"name": "backup-29"}, {"name": "backup-28"}]}}

    assert standing.of_cron_job("backup", before, running, declared("env-2")) == (
        "CronJob backup changes while backup-28, backup-29 runs, which goes on with env-1, no "
        "longer declared: try again when it has ended, or delete that Job."
    )
    assert standing.of_cron_job("backup", before, running, declared("env-1", "env-2")) == ""
    assert standing.of_cron_job("backup", before, before, declared("env-2")) == ""
