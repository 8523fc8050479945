"""Drift that the objects alone show, by anybody's account.

On a simulated node, for what containers do is not the question here.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.e2e.harness import Cluster, Project
from tests.e2e.test_drift import NIGHT, SPACE, WHEN, _quiet, container, drift

pytestmark = pytest.mark.e2e

__all__ = ["_quiet"]

WATCHER = """
watcher = {"name": "watcher", "namespace": namespace.metadata["name"]}
rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "watcher"}
k8s.core.v1.ServiceAccount("watcher", metadata=watcher, opts=into)
k8s.rbac.v1.Role("watcher", metadata=watcher, rules=rules, opts=into)
k8s.rbac.v1.RoleBinding(
    "watcher",
    metadata=watcher,
    role_ref=role,
    subjects=[{"kind": "ServiceAccount", **watcher}],
    opts=into,
)
"""
"""A ServiceAccount with rights of its own, as a program may declare it."""


@pytest.fixture(name="kube")
def _kube(simulated: Cluster) -> Cluster:
    return simulated


def test_rights_that_were_widened_are_found_and_put_back(kube: Cluster, quiet: Project) -> None:
    program = quiet.folder / "__main__.py"
    program.write_text(program.read_text() + WATCHER)
    quiet.up("dev")
    assert drift(quiet).code == 0
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    intruder = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"}
    subjects = [*kube.get("rolebinding", SPACE, "watcher")["subjects"], intruder]
    for kind, patch in (("role", {"rules": everything}), ("rolebinding", {"subjects": subjects})):
        kube.kubectl("patch", kind, "watcher", "-n", SPACE, "--type=merge", "-p", json.dumps(patch))
    admin = ("clusterrolebinding", "kubia-e2e-widened")
    account = f"--serviceaccount={SPACE}:watcher"
    kube.kubectl("create", *admin, "--clusterrole=cluster-admin", account)
    try:
        result = drift(quiet)
        assert result.code == 3, result.text
        by = rf"— by kubectl-patch \(Update, {WHEN}\)"
        assert re.search(rf"~ Role {SPACE}/watcher\n(.*{by}\n)+", result.out)
        assert re.search(rf"~ RoleBinding {SPACE}/watcher\n(.*eve.*{by}\n)+", result.out)
        assert re.search(
            rf"{admin[1]} gives it the rights of ClusterRole cluster-admin "
            rf".* — by kubectl-create \(Update, {WHEN}\)",
            result.out,
        )

        left = drift(quiet, "--repair")
        assert left.code == 3, left.text
        assert "drift (live → declared): 1 in 1 object" in left.out
        rules = kube.get("role", SPACE, "watcher")["rules"]
        assert rules == [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
        assert len(kube.get("rolebinding", SPACE, "watcher")["subjects"]) == 1
    finally:
        kube.kubectl("delete", *admin)
    assert drift(quiet).code == 0


def test_what_others_may_own_is_no_drift(kube: Cluster, quiet: Project) -> None:
    quiet.change(
        "dev", {"services.kubia.replicas": None, "services.kubia.autoscaler": {"maxReplicas": 3}}
    )
    quiet.up("dev")
    kube.kubectl("scale", "deployment/kubia", "-n", SPACE, "--replicas=3")
    kube.kubectl("rollout", "restart", "deployment/kubia", "-n", SPACE)
    kube.kubectl("annotate", "service", "kubia", "-n", SPACE, "owner=somebody")
    assert drift(quiet).code == 0

    shared = {key: container(kube)[key] for key in ("resources", "securityContext")}
    mesh = {**shared, "name": "mesh", "image": "ssd-monitor:v1"}
    add = [{"op": "add", "path": "/spec/template/spec/containers/-", "value": mesh}]
    kube.kubectl("patch", "deployment", "kubia", "-n", SPACE, "--type=json", "-p", json.dumps(add))

    result = drift(quiet)
    assert result.code == 0, result.text
    assert "! unowned container" in result.out
    assert drift(quiet, "--strict").code == 3


def as_account(kube: Cluster, name: str, file: Path) -> Cluster:
    """Return the cluster as a ServiceAccount of the namespace sees it."""
    config = yaml.safe_load(kube.kubeconfig.read_text())
    token = kube.kubectl("create", "token", name, "-n", SPACE).strip()
    for user in config["users"]:
        user["user"] = {"token": token}
    file.write_text(yaml.safe_dump(config))
    return Cluster(kube.name, file)


def test_the_nightly_checks_account_finds_drift_and_can_change_nothing(
    kube: Cluster, quiet: Project, tmp_path: Path
) -> None:
    program = quiet.folder / "__main__.py"
    program.write_text(program.read_text() + WATCHER + NIGHT)
    quiet.up("dev")
    night = as_account(kube, "night", tmp_path / "night")
    theirs = replace(quiet, cluster=night)
    assert drift(theirs).code == 0, drift(theirs).text

    kube.kubectl("set", "image", "deployment/kubia", "nodejs=kubia:v4", "-n", SPACE)
    result = drift(theirs)
    assert result.code == 3, result.text
    assert "kubia:v4 → kubia:v1" in result.out

    live = kube.get("deployment", SPACE, "kubia")
    del live["metadata"]["resourceVersion"]  # Its rollout goes on, and is not what is asked about.
    (tmp_path / "paused").write_text(json.dumps({**live, "spec": {**live["spec"], "paused": True}}))
    replace_it = ("replace", "-f", str(tmp_path / "paused"))
    assert night.kubectl(*replace_it, "--dry-run=server")
    refused = night.refusal(*replace_it)
    assert "a drift check compares: it may write by dry runs alone" in refused
    assert "paused" not in kube.get("deployment", SPACE, "kubia")["spec"]
    repaired = drift(theirs, "--repair")
    assert repaired.code == 1, repaired.text
    assert container(kube)["image"] == "kubia:v4"
    for forbidden in (("get", "secrets"), ("get", "pods", "-A"), ("delete", "pods", "--all")):
        assert "forbidden" in night.refusal(*forbidden, "-n", SPACE).lower()
