"""kubia.actions.status: what runs of a stack, on an API server in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from kubia.actions.status import status
from kubia.apply.wait import RolloutError
from tests.unit import releasing
from tests.unit.releasing import Shop


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return releasing.shop(tmp_path, monkeypatch)


def told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> tuple[bool, dict[str, Any]]:
    capsys.readouterr()
    healthy = status(shop.engine, as_json=True, connect=shop.connect)
    return healthy, json.loads(capsys.readouterr().out)


def test_a_stack_that_was_never_brought_up_is_not_healthy(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy, summary = told(shop, capsys)

    assert not healthy
    assert summary["release"] is None
    assert [part["state"] for part in summary["parts"]] == ["is not there"]


def test_what_runs_is_shown_with_its_release_image_and_state(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.up()
    capsys.readouterr()

    assert status(shop.engine, as_json=False, connect=shop.connect)
    first, heads, row = capsys.readouterr().out.splitlines()
    assert first.startswith("release 1, deployed, ")
    assert first.endswith(" by a test: first release")
    assert heads.split() == ["NAME", "IMAGE", "RUNS", "SINCE", "STATE"]
    assert row.split()[:3] == ["Deployment", "web", "web:v1"]
    assert row.endswith("1/1 pods updated, 1 available")


def test_what_does_not_come_up_is_marked_and_makes_the_whole_unhealthy(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.server.broken.add("web:v2")
    with pytest.raises(RolloutError):
        shop.up()

    healthy, summary = told(shop, capsys)
    assert not healthy
    assert summary["release"]["state"] == "failed"
    assert [part["images"] for part in summary["parts"]] == [["web:v2"]]
    status(shop.engine, as_json=False, connect=shop.connect)
    assert "  ! Deployment  web" in capsys.readouterr().out


def test_a_label_that_no_node_has_is_set_in_the_same_cluster(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"name": "disk", "namespace": "shop"}
    spec = {
        "selector": {"matchLabels": {"app": "disk"}},
        "template": {"spec": {"nodeSelector": {"disk": "ssd"}}},
    }
    with (shop.root / "__main__.py").open("a") as program:
        program.write(f'k8s.apps.v1.DaemonSet("disk", metadata={own}, spec={spec}, opts=opts)\n')
    path = "/apis/apps/v1/namespaces/shop/daemonsets/disk"
    shop.server.put("apps/v1", "DaemonSet", path, own, spec=spec)

    _, summary = told(shop, capsys)

    (state,) = (part["state"] for part in summary["parts"] if part["name"] == "disk")
    assert state.endswith(
        "; no node has the label: kubia --context fake kubectl label node NODE disk=ssd"
    )


def test_a_cron_job_is_shown_with_its_runs_and_missed_where_it_is_gone(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"name": "backup", "namespace": "shop"}
    pod = {"containers": [{"name": "main", "image": "backup:v1"}]}
    spec = {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    with (shop.root / "__main__.py").open("a") as program:
        program.write(f'k8s.batch.v1.CronJob("backup", metadata={own}, spec={spec}, opts=opts)\n')
    shop.up()
    live = shop.server.objects["/apis/batch/v1/namespaces/shop/cronjobs/backup"]

    def part() -> tuple[bool, str]:
        healthy, summary = told(shop, capsys)
        (found,) = (part for part in summary["parts"] if part["name"] == "backup")
        assert found["images"] in ([], ["backup:v1"])
        return healthy, found["state"]

    assert part() == (True, "@daily, no run yet")
    live["status"] = {"lastScheduleTime": "2026-02-02T00:00:00Z"}
    assert part() == (True, "@daily, last run 2026-02-02T00:00:00Z, last success none")
    live["status"]["lastSuccessfulTime"] = "2026-02-01T00:00:09Z"
    live["spec"]["suspend"] = True
    assert part() == (
        True,
        "suspended, last run 2026-02-02T00:00:00Z, last success 2026-02-01T00:00:09Z",
    )
    del shop.server.objects["/apis/batch/v1/namespaces/shop/cronjobs/backup"]
    assert part() == (False, "is not there")
