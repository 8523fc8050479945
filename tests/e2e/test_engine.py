"""What the kubectl engine promises when things go wrong.

On a simulated node, for what containers do is not the question here.
"""

import json
import signal
import subprocess

import pytest

from tests.e2e.harness import Cluster, Project, eventually

pytestmark = pytest.mark.e2e


@pytest.fixture(name="kube")
def _kube(simulated: Cluster) -> Cluster:
    return simulated


def test_a_conflict_names_field_and_owner_and_needs_a_flag(kube: Cluster, project: Project) -> None:
    project.up("dev")
    kube.kubectl("scale", "deployment/kubia", "-n", "kubia-dev", "--replicas=2")

    refused = project.kubia("up", "--stack", "dev")

    assert refused.code == 1, refused.text
    assert "spec.replicas" in refused.text
    assert "kubectl" in refused.text
    assert "--force-conflicts" in refused.text
    assert kube.get("deployment", "kubia-dev", "kubia")["spec"]["replicas"] == 2
    project.up("dev", "--force-conflicts")
    assert kube.get("deployment", "kubia-dev", "kubia")["spec"]["replicas"] == 1


def test_nothing_is_applied_when_one_object_is_invalid(kube: Cluster, project: Project) -> None:
    project.up("dev")
    before = kube.writes()
    pages = {"hugepages-3Mi": "3Mi"}
    resources = {"requests": pages, "limits": pages}
    project.change("dev", {"services.kubia.resources": resources, "services.kubia.replicas": 2})

    refused = project.kubia("up", "--stack", "dev")

    assert refused.code == 1, refused.text
    assert "HugePages require cpu or memory" in refused.text
    assert kube.writes() == before


def test_an_interrupted_up_is_finished_by_the_next(kube: Cluster, project: Project) -> None:
    project.used.add("dev")
    for _ in range(3):
        running = subprocess.Popen(
            project.command("up", "--stack", "dev"),
            cwd=project.folder,
            env=kube.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert running.stdout is not None
        # Until then it is Python that starts, and answers Ctrl-C in its own way.
        first = running.stdout.readline()
        eventually(lambda: kube.get("namespace", "kubia-dev", "kubia-dev"), "the first write")
        running.send_signal(signal.SIGINT)
        text, _ = running.communicate(timeout=60)
        assert first.startswith("stack dev, engine kubectl")
        assert running.returncode != 0 or "kubia" in text
        assert "Traceback" not in text
    project.up("dev")
    assert project.kubia("preview", "--stack", "dev", "--exit-code").code == 0
    assert kube.get("deployment", "kubia-dev", "kubia")["status"]["readyReplicas"] == 1


def test_secrets_are_masked_wherever_they_are_printed(
    monkeypatch: pytest.MonkeyPatch, kube: Cluster, project: Project
) -> None:
    # The passphrase comes first and goes last: taking the stack down needs it, too.
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    setting = ("secret", "set", "TOKEN", "--stack", "dev")
    assert project.kubia(*setting, stdin="swordfish-1\n").code == 0

    texts = [
        project.kubia("render", "--stack", "dev").text,
        project.kubia("preview", "--stack", "dev").text,
        project.up("dev").text,
        project.kubia("outputs", "--stack", "dev", "--json").text,
    ]
    assert project.kubia(*setting, stdin="swordfish-2\n").code == 0
    texts += [project.kubia("preview", "--stack", "dev").text, project.up("dev").text]

    assert "swordfish" not in "".join(texts)
    assert "[secret]" in texts[0]
    secrets = [s for s in kube.get("secret", "kubia-dev") if s["type"] == "Opaque"]
    assert len(secrets) == 1
    environment = kube.get("deployment", "kubia-dev", "kubia")["spec"]["template"]["spec"]
    reference = environment["containers"][0]["envFrom"][0]["secretRef"]["name"]
    assert reference == secrets[0]["metadata"]["name"]


def test_preview_on_request_prints_json_and_changes_nothing(
    kube: Cluster, project: Project
) -> None:
    before = kube.writes()
    result = project.kubia("preview", "--stack", "dev", "--json", "--exit-code")
    assert result.code == 3, result.text
    assert json.loads(result.out)
    assert kube.writes() == before
    assert kube.get("namespace", "kubia-dev", "kubia-dev") is None
