"""What keeps pods from starting is told within seconds of the API server knowing it."""

import datetime as dt
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Cluster, Project, eventually

pytestmark = pytest.mark.e2e

SPACE = "kubia-dev"
PROMPT = 5.0
"""Seconds within which a reason is told."""
BIG: dict[str, Any] = {"requests": {"cpu": "1k", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}


@pytest.fixture
def shop(simulated: Cluster, tmp_path: Path) -> Iterator[Project]:
    """Lend a project whose web service runs on the simulated cluster, and nothing else."""
    project = Project.copy(tmp_path / "kubia", simulated)
    project.change("dev", {"sites": {}, "agents": {}, "operators": {}})
    project.change("dev", {"services.kubia.strategy": {"progressDeadlineSeconds": 300}})
    project.up("dev")
    yield project
    project.clean()


class Told:
    """`kubia up` while it runs: when it said what."""

    def __init__(self, project: Project) -> None:
        self.lines: list[tuple[dt.datetime, str]] = []
        self._process = subprocess.Popen(
            project.command("up", "--stack", "dev"),
            cwd=project.folder,
            env=project.cluster.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self.lines.append((dt.datetime.now(dt.UTC), line))

    def code(self) -> int:
        """Return the exit code, once it has ended: long before it has lost its patience."""
        code = self._process.wait(timeout=120)
        self._reader.join()
        return code

    def at(self, text: str) -> dt.datetime:
        """Return when it said this for the first time."""
        return eventually(
            lambda: next((at for at, line in list(self.lines) if text in line), None), text
        )


def refused_at(cluster: Cluster) -> dt.datetime:
    """Return when the API server knew that the web service gets no pod."""

    def since() -> str | None:
        live = cluster.get("deployment", SPACE, "kubia")
        for condition in live["status"].get("conditions", ()):
            if (condition["type"], condition["status"]) == ("ReplicaFailure", "True"):
                return str(condition["lastTransitionTime"])
        return None

    return dt.datetime.fromisoformat(eventually(since, "the condition ReplicaFailure"))


def put(cluster: Cluster, *objects: dict[str, Any]) -> None:
    """Make objects as an administrator does."""
    items = {"apiVersion": "v1", "kind": "List", "items": objects}
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(items))


def inside(kind: str, **spec: Any) -> dict[str, Any]:
    metadata = {"name": "of-a-test", "namespace": SPACE}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}


QUOTA = inside("ResourceQuota", hard={"pods": "1"})
LIMIT_RANGE = inside("LimitRange", limits=[{"type": "Container", "max": {"memory": "16Mi"}}])
HOSTILE = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": SPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
}


def policy(cluster: Cluster) -> None:
    """Deny every pod of the namespace, as an admission webhook would."""
    name = {"name": "of-a-test"}
    group = "admissionregistration.k8s.io/v1"
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
    }
    where = {"matchLabels": {"kubernetes.io/metadata.name": SPACE}}
    match = {"resourceRules": [rule], "namespaceSelector": where}
    checks = [{"expression": "false", "message": "no pods today"}]
    spec = {"matchConstraints": match, "validations": checks, "failurePolicy": "Fail"}
    binding = {"policyName": "of-a-test", "validationActions": ["Deny"]}
    put(
        cluster,
        {"apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": name, "spec": spec},
        {
            "apiVersion": group,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": name,
            "spec": binding,
        },
    )


@pytest.fixture
def denied(simulated: Cluster) -> Iterator[None]:
    """Deny every pod while the test runs."""
    policy(simulated)
    yield
    for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
        simulated.kubectl("delete", kind, "of-a-test", "--ignore-not-found")


def takes_pods(cluster: Cluster) -> bool:
    """Whether the API server would take another pod of the web service."""
    template = cluster.get("deployment", SPACE, "kubia")["spec"]["template"]
    metadata = {**template["metadata"], "name": "another", "namespace": SPACE}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    trial = cluster.try_kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
    return trial.code == 0


def ends_with_reason(project: Project, text: str) -> Told:
    """Bring another version up; it must say this in time, once, and end with it at once."""
    project.change("dev", {"services.kubia.image": "kubia:v2"})
    up = Told(project)
    late = up.at(text) - refused_at(project.cluster)
    assert late < dt.timedelta(seconds=PROMPT)
    assert up.code() == 1
    said = [line for _, line in up.lines if text in line]
    assert len(said) == 2, said  # on the live line, and in the error
    return up


@pytest.mark.parametrize(
    ("obstacle", "text"),
    [(QUOTA, "exceeded quota: of-a-test"), (LIMIT_RANGE, "maximum memory usage per Container")],
)
def test_what_the_namespace_forbids_ends_the_wait(
    simulated: Cluster, shop: Project, obstacle: dict[str, Any], text: str
) -> None:
    put(simulated, obstacle)

    ends_with_reason(shop, text)

    assert len(simulated.pods(SPACE, "kubia")) == 1
    # The refusal stays on the ReplicaSet for minutes, but what no longer holds ends nothing.
    simulated.kubectl("delete", obstacle["kind"], "of-a-test", "-n", SPACE)
    eventually(lambda: takes_pods(simulated), "that pods are taken")
    shop.change("dev", {"services.kubia.replicas": 2})
    shop.up("dev")


def test_admission_that_denies_ends_the_wait(shop: Project, denied: None) -> None:  # noqa: ARG001 - of the cluster
    ends_with_reason(shop, "denied request: no pods today")


def test_pod_security_ends_the_wait(simulated: Cluster, shop: Project) -> None:
    put(simulated, HOSTILE)
    # What the components declare is restricted; a program of one's own need not be.
    module = shop.folder / "__main__.py"
    module.write_text(f"{module.read_text()}\n{PRIVILEGED}")

    failed = shop.kubia("up", "--stack", "dev")

    assert failed.code == 1, failed.text
    assert failed.text.count('violates PodSecurity "restricted:latest"') == 2
    assert "make the pods meet that level" in failed.text


PRIVILEGED = f"""
labels = {{"app": "mine"}}
pod = {{"containers": [{{"name": "a", "image": "a"}}]}}
template = {{"metadata": {{"labels": labels}}, "spec": pod}}
k8s.apps.v1.Deployment(
    "mine",
    metadata={{"name": "mine", "namespace": "{SPACE}"}},
    spec={{"selector": {{"matchLabels": labels}}, "template": template}},
    opts=into,
)
"""


def test_what_no_node_could_hold_ends_the_wait(simulated: Cluster, shop: Project) -> None:
    shop.change("dev", {"resources": BIG})

    up = Told(shop)

    assert up.code() == 1
    pending = [pod for pod in simulated.get("pods", SPACE) if pod["status"]["phase"] == "Pending"]
    (condition,) = pending[0]["status"]["conditions"]
    known = dt.datetime.fromisoformat(condition["lastTransitionTime"])
    assert up.at("Insufficient cpu") - known < dt.timedelta(seconds=PROMPT)


def test_a_deployment_paused_by_hand_ends_the_wait(simulated: Cluster, shop: Project) -> None:
    simulated.kubectl("rollout", "pause", "deployment/kubia", "-n", SPACE)
    shop.change("dev", {"services.kubia.image": "kubia:v2"})

    up = Told(shop)

    assert up.code() == 1
    resume = f"kubectl rollout resume deployment/kubia -n {SPACE}"
    assert up.at(resume)
    simulated.kubectl(*resume.split()[1:])
    shop.up("dev")
