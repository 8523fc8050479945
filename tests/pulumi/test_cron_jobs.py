"""A Job that a CronJob has started keeps what it names, under Pulumi's own CLI."""

import json
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.e2e.harness import Cluster, eventually
from tests.pulumi.project import Project
from tests.sequences import State

STACK = "cron"
UP = ("pulumi", "up", "--yes", "--skip-preview", "--stack", STACK)
SECONDS = 300.0
"""That a command may take."""
MINUTE = 100.0
"""Seconds until the schedule has come true for certain."""

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="Pulumi's CLI is not on PATH")


def declare(project: Project, cluster: Cluster, text: str) -> None:
    """Write a stack with a CronJob, each minute, whose pods find no node, and its file's text."""
    document = State().document(STACK, cluster.name)
    pod = {"nodeSelector": {"disk": "none"}}
    job = {"image": "kubia:v1", "schedule": "* * * * *", "files": {"/etc/text": text}, "pod": pod}
    document["config"]["kubia:cronJobs"] = {"backup": job}
    file = project.folder / "stacks" / f"Pulumi.{STACK}.yaml"
    file.write_text(yaml.safe_dump(document))


def run(project: Project, *command: str) -> tuple[int, str]:
    """Return how a command ended and what it printed."""
    running = project.start(subprocess.PIPE, *command)
    text = running.communicate(timeout=SECONDS)[0]
    return running.returncode, text


@pytest.mark.timeout(900)
def test_a_cron_job_changes_when_its_job_has_ended(cluster: Cluster, project: Project) -> None:
    space = f"{STACK}-one"

    def active() -> Any:
        live = json.loads(cluster.kubectl("get", "cronjob/backup", "-n", space, "-o", "json"))
        return [each["name"] for each in live.get("status", {}).get("active", ())] or None

    def files() -> set[str]:
        names = cluster.kubectl("get", "configmaps", "-n", space, "-o", "name").split()
        return {name for name in names if "backup-files" in name}

    assert run(project, "pulumi", "stack", "init", STACK)[0] == 0
    try:
        declare(project, cluster, "old")
        code, text = run(project, *UP)
        assert code == 0, text
        (job,) = eventually(active, "the Job", MINUTE)
        old = files()

        declare(project, cluster, "new")
        for command in (("pulumi", "preview", "--stack", STACK), UP):
            code, text = run(project, *command)
            assert code != 0, text
            assert f"CronJob backup changes while {job} runs, which goes on with " in text
        assert old <= files()

        cluster.kubectl("patch", "cronjob/backup", "-n", space, "-p", '{"spec":{"suspend":true}}')
        cluster.kubectl("delete", "jobs", "--all", "-n", space)
        code, text = eventually(lambda: done if (done := run(project, *UP))[0] == 0 else None, "up")
        assert not old & files(), text
    finally:
        cluster.kubectl("delete", "namespace", space, "--ignore-not-found", "--wait=false")
