"""What a user types after `make up`: status, an address, logs and kubectl."""

import json
import subprocess

import pytest

from tests.e2e.harness import Cluster, Project, eventually, page

pytestmark = pytest.mark.e2e


def test_what_is_up_is_shown_opened_and_logged(kube: Cluster, project: Project) -> None:
    project.up("dev")

    status = project.kubia("status", "--stack", "dev", "--json")
    assert status.code == 0, status.text
    assert {part["name"] for part in json.loads(status.out)["parts"]} >= {"kubia", "hello"}
    pods = project.kubia("kubectl", "get", "pods", "-n", "kubia-dev", "-o", "name")
    assert "pod/hello-" in pods.out
    with subprocess.Popen(
        project.command("open", "hello"),
        cwd=project.folder,
        env=kube.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as opened:
        try:
            assert opened.stdout is not None
            url = opened.stdout.readline().strip()
            assert eventually(lambda: page(url), "an answer at the address") == "hello world"
        finally:
            opened.terminate()
    logs = project.kubia("logs", "hello")
    assert logs.code == 0, logs.text
    assert '"GET / HTTP/1.1" 200' in logs.out
