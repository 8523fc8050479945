"""The operator among others: webhooks, an autoscaler, a drain, its own next version."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubia.kubeconfig import ACCOUNT
from kubia.local import loading, paths
from kubia.local.cluster import LocalCluster
from kubia.local.report import Lines
from tests.e2e.harness import ROOT, Cluster, Project, eventually, page
from tests.e2e.load import Load
from tests.e2e.sites import NAMESPACE, OPERATOR, Sites, brought_up
from tests.e2e.webhook import changing, denying, webhook

pytestmark = pytest.mark.e2e

QUIET = 8.0
"""Seconds in which somebody who fights with a webhook would be seen writing."""
NODE_PORT = 30096
URL = f"http://127.0.0.1:{NODE_PORT}"
DEPLOYMENTS = ("apps", "deployments")
SERVICES = ("", "services")
BEFORE = "3fbd768bf9cb"
"""The commit of a version before objects noted who keeps them."""
OLD_IMAGE = "kubia-nginx-operator:before"
BUILD = f"""
import dataclasses, pathlib
from kubia.local import images, report
(image,) = (it for it in images.of_node(pathlib.Path()) if it.folder == "nginx-operator")
image = dataclasses.replace(image, tags={{"{OLD_IMAGE}": {{}}}})
images.build([image], report.Lines())
print(images.archive(image))
"""


@pytest.fixture(scope="module", name="stack")
def _stack(
    cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Project, Sites]]:
    kube = Cluster(cluster.name, cluster.kubeconfig)
    folder = tmp_path_factory.mktemp("neighbours") / "kubia"
    with brought_up(kube, folder, {"replicas": 2}) as stack:
        yield stack


@pytest.fixture(name="sites")
def _sites(stack: tuple[Project, Sites]) -> Sites:
    return stack[1]


def generation(sites: Sites, name: str) -> int:
    live: Any = sites.kube.get("deployment", NAMESPACE, name)
    return int(live["metadata"]["generation"])


def events(sites: Sites, name: str, reason: str) -> list[str]:
    """Return the messages of a site's events of this reason."""
    selector = f"involvedObject.name={name},reason={reason}"
    text = sites.kubectl("get", "events", "--field-selector", selector, "-o", "json")
    return [item["message"] for item in json.loads(text)["items"]]


def rolled_out(sites: Sites, name: str) -> None:
    """Wait until a site's pods are all as its Deployment says."""
    sites.kubectl("rollout", "status", f"deployment/{name}", "--timeout=90s")


def test_what_a_webhook_adds_to_a_site_stays_and_nobody_fights(
    sites: Sites, tmp_path: Path
) -> None:
    """As service meshes do: a container beside ours, and an annotation."""
    pod = "/spec/template"
    patch = changing(
        {"op": "add", "path": f"{pod}/spec/containers/1", "value": injected()},
        {"op": "add", "path": f"{pod}/metadata/annotations", "value": {"mesh.io/injected": "yes"}},
    )
    with webhook(sites.kube, tmp_path, NAMESPACE, DEPLOYMENTS, once(patch)) as asked:
        sites.create("meshed", "before")
        sites.served("meshed", "before", 60)
        rolled_out(sites, "meshed")
        before, count = generation(sites, "meshed"), asked.count("meshed")
        time.sleep(QUIET)
        assert generation(sites, "meshed") == before
        # The controller writes the status alone, which this webhook is not asked about.
        assert asked.count("meshed") == count

        sites.edit("meshed", "after")
        sites.served("meshed", "after", 60)

    live: Any = sites.kube.get("deployment", NAMESPACE, "meshed")
    names = [it["name"] for it in live["spec"]["template"]["spec"]["containers"]]
    assert names[1:] == ["proxy"]
    sites.delete("meshed")


def injected() -> dict[str, Any]:
    return {
        "name": "proxy",
        "image": "localhost/pause:1",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "runAsUser": 10101,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def once(
    review: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the answer for what has no second container yet."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        containers = request["object"]["spec"]["template"]["spec"]["containers"]
        return review(request) if len(containers) == 1 else {"allowed": True}

    return answer


def test_a_webhook_that_overrules_the_operator_is_not_fought_with(
    sites: Sites, tmp_path: Path
) -> None:
    """A policy has another word for what the operator declares: it must not write for ever."""
    path = "/spec/template/spec/terminationGracePeriodSeconds"
    patch = changing({"op": "replace", "path": path, "value": 77})
    with webhook(sites.kube, tmp_path, NAMESPACE, DEPLOYMENTS, patch) as asked:
        sites.create("overruled", "before")
        sites.served("overruled", "before", 60)
        rolled_out(sites, "overruled")
        before = asked.count("overruled")
        time.sleep(QUIET)
        assert asked.count("overruled") - before <= 3
        sites.edit("overruled", "after")
        sites.served("overruled", "after", 60)
    sites.delete("overruled")


def test_a_webhook_that_denies_is_quoted_and_the_rest_is_made(sites: Sites, tmp_path: Path) -> None:
    with webhook(sites.kube, tmp_path, NAMESPACE, SERVICES, denying("no Services today")) as asked:
        sites.create("denied", "late")
        eventually(lambda: asked, "the webhook is asked")
        eventually(
            lambda: [
                text
                for reason in ("Forbidden", "BadRequest", "Applied", "Refused")
                for text in events(sites, "denied", reason)
                if "no Services today" in text
            ],
            "the Event",
        )
        rolled_out(sites, "denied")
        assert len(asked) < 12
    sites.edit("denied", "tried again at once")
    sites.served("denied", "tried again at once", 60)
    sites.delete("denied")


def test_an_autoscaler_on_real_metrics_has_the_number_of_pods(sites: Sites) -> None:
    sites.create("scaled", "This is v1 running")
    sites.served("scaled", "This is v1 running")
    words = ("autoscale", "deployment/scaled", "--min=1", "--max=3", "--cpu=20%")
    sites.kubectl(*words)
    sites.expose("scaled", NODE_PORT)
    eventually(lambda: page(URL), "the site from outside")

    def pods() -> int:
        live: Any = sites.kube.get("deployment", NAMESPACE, "scaled")
        return int(live["spec"]["replicas"])

    try:
        with Load(URL) as load:
            eventually(lambda: pods() == 3, "the autoscaler makes three of one", 150)
            rolled_out(sites, "scaled")
            sites.edit("scaled", "This is v2 running")
            eventually(lambda: load.answers[-1].version == "v2", "v2 answers", 90)
            assert pods() == 3
    finally:
        sites.kubectl("delete", "service/load", "hpa/scaled")
        sites.delete("scaled")
    print(f"\n{len(load.answers)} requests, failed: {dict(load.failures)}")  # noqa: T201 - measured
    assert not load.failures


def test_what_changes_while_its_node_is_drained_is_made_good_afterwards(sites: Sites) -> None:
    for name in ("kept", "edited", "deleted"):
        sites.create(name, "before")
    for name in ("kept", "edited", "deleted"):
        sites.served(name, "before", 60)
    node = sites.kube.kubectl("get", "nodes", "-o", "name").strip().partition("/")[2]
    mine = f"--pod-selector=app in ({OPERATOR},kept,edited,deleted)"
    rest = ("--ignore-daemonsets", "--delete-emptydir-data", "--disable-eviction", "--timeout=60s")
    try:
        sites.kube.kubectl("drain", node, mine, *rest)
        assert sites.kube.pods(NAMESPACE, OPERATOR)  # New ones, which go nowhere.
        sites.edit("edited", "after")
        sites.create("new", "after")
        sites.kubectl("delete", "configmap", "deleted")
    finally:
        sites.kube.kubectl("uncordon", node)
    for name, text in (("kept", "before"), ("edited", "after"), ("new", "after")):
        sites.served(name, text, 90)
    eventually(lambda: sites.names("deployment", "deleted") == set(), "the deleted site goes")
    for name in ("kept", "edited", "new"):
        sites.delete(name)


@pytest.mark.skipif("SECONDS" not in os.environ, reason="a token lives ten minutes: make soak")
@pytest.mark.timeout(1200)
def test_the_token_that_it_began_with_runs_out(stack: tuple[Project, Sites]) -> None:
    _, sites = stack
    sites.create("rotated", "before")
    name, source = "token", {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}}
    ca = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    own = {"name": name, "projected": {"sources": [source, {"configMap": ca}]}}
    container = {"name": "operator", "volumeMounts": [{"name": name, "mountPath": str(ACCOUNT)}]}
    pod = {
        "automountServiceAccountToken": False,
        "volumes": [own],
        "containers": [container],
    }
    patch = json.dumps({"spec": {"template": {"spec": pod}}})
    sites.kubectl("patch", "deployment", OPERATOR, "--patch", patch)
    rolled_out(sites, OPERATOR)
    pods = sites.kube.pods(NAMESPACE, OPERATOR)

    time.sleep(630)
    sites.edit("rotated", "after")

    sites.served("rotated", "after")
    assert sites.kube.pods(NAMESPACE, OPERATOR) == pods
    live: Any = sites.kubectl("get", "pods", "-l", f"app={OPERATOR}", "-o", "json")
    restarts = [
        it["status"]["containerStatuses"][0]["restartCount"] for it in json.loads(live)["items"]
    ]
    assert restarts == [0, 0]
    sites.delete("rotated")


@pytest.fixture(scope="module", name="old_image")
def _old_image(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Bring the image of the version before into the cluster."""
    archived = subprocess.run(
        ["git", "archive", BEFORE, "kubia"], cwd=ROOT, capture_output=True, check=False
    )
    if archived.returncode:
        pytest.skip(f"this checkout does not have commit {BEFORE}, the version before")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as sources:
        sources.extractall(folder, filter="data")
    cache = folder / "cache"
    (cache / "bases").mkdir(parents=True)
    for base in (paths.cache() / "bases").glob("debian*"):
        shutil.copy(base, cache / "bases" / base.name)
    built = subprocess.run(
        [sys.executable, "-c", BUILD],
        cwd=folder,
        env={**os.environ, "KUBIA_CACHE": str(cache), "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    loading.load(cluster.name, built.stdout.split()[-1], Lines())
    return OLD_IMAGE


def test_the_next_version_takes_over_while_sites_are_edited(
    stack: tuple[Project, Sites], old_image: str
) -> None:
    project, sites = stack
    key = f"operators.{OPERATOR}.image"
    project.change("e2e-operator", {key: old_image})
    project.up("e2e-operator")
    names = [f"site-{number}" for number in range(4)]
    for name in names:
        sites.create(name, "This is v0 running")
    for name in names:
        sites.served(name, "This is v0 running", 60)
    sites.expose(names[0], NODE_PORT)
    eventually(lambda: page(URL), "the site from outside")
    before = {name: uid(sites, name) for name in names}
    last = 0
    project.change("e2e-operator", {key: None})
    try:
        with Load(URL) as load:
            upgrade = project.start("up", "--stack", "e2e-operator", "--yes")
            while upgrade.poll() is None or last < 4:
                last += 1
                for name in names:
                    sites.edit(name, f"This is v{last} running")
                time.sleep(2)
            eventually(lambda: load.answers[-1].version == f"v{last}", f"v{last} answers", 90)
    finally:
        sites.kubectl("delete", "service", "load")
    assert upgrade.returncode == 0
    for name in names:
        sites.served(name, f"This is v{last} running", 90)
    assert {name: uid(sites, name) for name in names} == before
    for name in names:
        live: Any = sites.kube.get("deployment", NAMESPACE, name)
        assert "kubia.io/kept-by" in live["metadata"]["annotations"]
        sites.delete(name)
    print(f"\n{len(load.answers)} requests, failed: {dict(load.failures)}")  # noqa: T201 - measured
    assert not load.failures


def uid(sites: Sites, name: str) -> str:
    live: Any = sites.kube.get("deployment", NAMESPACE, name)
    return str(live["metadata"]["uid"])
