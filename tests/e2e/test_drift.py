"""Drift: what somebody changed in the cluster is found, named, and put back."""

import json
import re
from typing import Any

import pytest

from kubia.local import cluster as local
from kubia.local import images
from kubia.local.report import Lines
from tests.e2e.harness import Cluster, Project, Result, eventually, page

pytestmark = pytest.mark.e2e

URL = "http://127.0.0.1:30080"
SPACE = "kubia-dev"
WHEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
NIGHT = """
from components import DriftCheck

args = {"image": "kubia-cli:1", "stack": stack, "context": context.current()}
DriftCheck("night", {**common, **args}, into)
"""


@pytest.fixture(name="quiet")
def _quiet(project: Project) -> Project:
    """Stack dev with nothing but its web service."""
    project.change("dev", {"sites": {}, "agents": {}})
    return project


def drift(project: Project, *flags: str) -> Result:
    return project.kubia("drift", "--stack", "dev", *flags)


def container(kube: Cluster) -> dict[str, Any]:
    live = kube.get("deployment", SPACE, "kubia")
    containers: list[dict[str, Any]] = live["spec"]["template"]["spec"]["containers"]
    return containers[0]


def test_what_was_edited_is_found_with_who_and_when_and_put_back(
    kube: Cluster, quiet: Project
) -> None:
    quiet.up("dev")
    assert drift(quiet).code == 0
    kube.kubectl("set", "image", "deployment/kubia", "nodejs=kubia:v4", "-n", SPACE)
    kube.kubectl("set", "env", "deployment/kubia", "EVIL=1", "-n", SPACE)
    kube.kubectl("delete", "service", "kubia", "-n", SPACE)
    before = kube.writes()

    result = drift(quiet)

    assert result.code == 3, result.text
    by = rf"— by kubectl-set \(Update, {WHEN}\)"
    path = r"spec\.template\.spec\.containers\[nodejs\]"
    assert re.search(rf"~ changed: {path}\.image: kubia:v4 → kubia:v1 {by}", result.out)
    assert re.search(rf"~ added: {path}\.env: .*EVIL.* {by}", result.out)
    assert re.search(rf"~ Service {SPACE}/kubia\n *~ is missing", result.out)
    assert json.loads(drift(quiet, "--json").out)["drift"] == 3
    assert kube.writes() == before

    repaired = drift(quiet, "--repair")

    assert repaired.code == 0, repaired.text
    assert container(kube)["image"] == "kubia:v1"
    assert "env" not in container(kube)
    assert kube.get("service", SPACE, "kubia") is not None
    assert drift(quiet).code == 0
    eventually(lambda: "This is v1 " in (page(URL) or ""), "the declared version serves again")


def test_a_pod_that_takes_the_services_traffic_by_its_labels_is_found(
    kube: Cluster, quiet: Project
) -> None:
    quiet.up("dev")
    pod = kube.get("deployment", SPACE, "kubia")["spec"]["template"]["spec"]
    pod["containers"][0]["image"] = "kubia:v4"
    selector = kube.get("service", SPACE, "kubia")["spec"]["selector"]
    metadata = {"name": "thief", "namespace": SPACE, "labels": {**selector, "app": "thief"}}
    thief = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod}
    kube.kubectl("apply", "-f", "-", stdin=json.dumps(thief))
    assert drift(quiet).code == 0

    kube.kubectl("label", "pod", "thief", "-n", SPACE, "app=kubia", "--overwrite")
    eventually(lambda: "This is v4 " in (page(URL) or ""), "the thief answers users")
    result = drift(quiet)

    assert result.code == 3, result.text
    assert re.search(
        r"pod thief steals traffic: .*\(app=kubia,kubia\.io/lane=main\)"
        rf".* — by kubectl-label \(Update, {WHEN}\)",
        result.out,
    )
    left = drift(quiet, "--repair")
    assert left.code == 3, left.text
    assert kube.get("pod", SPACE, "thief") is not None
    kube.kubectl("delete", "pod", "thief", "-n", SPACE, "--wait=false")
    assert eventually(lambda: drift(quiet).code == 0, "no drift once the pod is gone")


def test_content_that_was_made_with_other_data_is_served_as_declared_once_repaired(
    kube: Cluster, project: Project
) -> None:
    project.change("dev", {"agents": {}, "operators": {}})
    project.up("dev")
    url = f"http://hello.{SPACE}.svc.cluster.local"
    eventually(lambda: "hello world" in kube.fetch(SPACE, url), "the declared page")
    (content,) = [
        item
        for item in kube.get("configmap", SPACE)
        if item["metadata"]["name"].startswith("hello-")
    ]
    name = content["metadata"]["name"]
    metadata = {key: content["metadata"][key] for key in ("name", "namespace", "labels")}
    evil = {**content, "metadata": metadata, "data": {"index.html": "evil world"}}
    deployment = kube.get("deployment", SPACE, "hello")
    own = {"namespace": SPACE, "labels": deployment["metadata"]["labels"]}
    kube.kubectl("delete", "deployment", "hello", "-n", SPACE, "--cascade=foreground")
    kube.kubectl("delete", "configmap", name, "-n", SPACE)
    # Its pods come back with what is there now.
    for made in (evil, {**deployment, "metadata": {**own, "name": "hello"}}):
        kube.kubectl("create", "-f", "-", stdin=json.dumps(made))
    eventually(lambda: "evil world" in kube.fetch(SPACE, url), "what somebody else put there")

    repaired = drift(project, "--repair")

    assert repaired.code == 0, repaired.text
    for _ in range(5):
        assert "hello world" in kube.fetch(SPACE, url)
    kube.kubectl("rollout", "restart", "deployment/hello", "-n", SPACE)
    kube.kubectl("rollout", "status", "deployment/hello", "-n", SPACE, "--timeout=60s")
    assert "hello world" in kube.fetch(SPACE, url)
    assert drift(project).code == 0, drift(project).text


def ran(kube: Cluster, name: str, *more: str) -> tuple[str, str]:
    """Run the nightly check now, with `more` arguments; return its Job's end and what it said."""
    text = kube.kubectl(
        *("create", "job", name, "--from=cronjob/night", "-n", SPACE, "--dry-run=client", "-o"),
        "json",
    )
    job = json.loads(text)
    job["spec"]["template"]["spec"]["containers"][0]["command"] += more
    kube.kubectl("create", "-f", "-", stdin=json.dumps(job))

    def ended() -> list[dict[str, str]] | None:
        conditions = kube.get("job", SPACE, name)["status"].get("conditions", [])
        return (
            conditions if {"Complete", "Failed"} & {each["type"] for each in conditions} else None
        )

    reasons = [
        f"{each.get('reason')}: {each.get('message')}"
        for each in eventually(ended, f"job {name} ends", 240)
    ]
    return "; ".join(reasons), kube.kubectl("logs", f"job/{name}", "-n", SPACE)


def test_the_nightly_job_ends_well_without_drift_and_tells_drift_from_misuse(
    kube: Cluster, quiet: Project
) -> None:
    program = quiet.folder / "__main__.py"
    program.write_text(program.read_text() + NIGHT)
    image = images.cli(quiet.folder)
    local.load(kube.name, image, Lines())
    images.archive(image).unlink()  # Some 300 MB that only this test needs.
    quiet.up("dev")

    reasons, said = ran(kube, "before")
    assert "CompletionsReached" in reasons, said
    assert "no drift" in said

    kube.kubectl("set", "image", "deployment/kubia", "nodejs=kubia:v4", "-n", SPACE)
    reasons, said = ran(kube, "after")
    assert "PodFailurePolicy" in reasons, said
    assert "exit code 3 matching FailJob rule at index 0" in reasons
    assert "kubia:v4 → kubia:v1" in said
    assert container(kube)["image"] == "kubia:v4"

    reasons, said = ran(kube, "mistyped", "--stack", "nightly")
    assert "exit code 2 matching FailJob rule at index 1" in reasons, said
    assert "stack 'nightly' does not exist" in said
