"""A stack's namespace with an operator in it, as a user of that sees it."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.harness import Cluster, Project, eventually

STACK = "e2e-operator"
NAMESPACE = "kubia-e2e-operator"
OPERATOR = "nginx-operator"


@dataclass(frozen=True)
class Sites:
    """A stack's namespace, as a user of the operator sees it."""

    kube: Cluster

    def kubectl(self, *words: str, stdin: str | None = None, check: bool = True) -> str:
        return self.kube.kubectl("-n", NAMESPACE, *words, stdin=stdin, check=check)

    def create(self, name: str, page: str) -> None:
        """Make a site as the README says it."""
        self.kubectl("create", "configmap", name, f"--from-literal=index.html={page}")
        self.kubectl("label", "configmap", name, "kubia.io/site=true")

    def edit(self, name: str, page: str) -> None:
        patch = json.dumps({"data": {"index.html": page}})
        self.kubectl("patch", "configmap", name, "--type=merge", "--patch", patch)

    def served(self, name: str, page: str, seconds: float = 30) -> float:
        """Wait until a site serves `page`; return how long that took."""
        began = time.monotonic()
        address = f"http://{name}.{NAMESPACE}"
        eventually(
            lambda: self.kube.fetch(NAMESPACE, address) == page, f"{address}: {page[:30]}", seconds
        )
        return time.monotonic() - began

    def expose(self, name: str, node_port: int) -> None:
        """Make a site reachable from this machine by a Service `load`, where load comes from."""
        ports = [{"port": 80, "targetPort": "http", "nodePort": node_port}]
        spec = {"type": "NodePort", "selector": {"app": name}, "ports": ports}
        load = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "load"}, "spec": spec}
        self.kubectl("apply", "-f", "-", stdin=json.dumps(load))

    def delete(self, name: str) -> None:
        self.kubectl("delete", "configmap", name)
        eventually(lambda: self.names("deployment", name) == set(), f"the site {name} goes")

    def names(self, kind: str, app: str) -> set[str]:
        text = self.kubectl("get", kind, "-l", f"app={app}", "-o", "json")
        return {item["metadata"]["name"] for item in json.loads(text)["items"]}

    def all(self) -> set[str]:
        """Return every object of the namespace but what pods and Events come and go with."""
        kinds = "configmap,deployment,service,serviceaccount,role,rolebinding,pdb,networkpolicy"
        return set(self.kubectl("get", kinds, "-o", "name").split())

    @property
    def holder(self) -> str:
        """The leader's identity: its pod's name, and what tells its processes apart."""
        lease: Any = self.kube.get("lease", NAMESPACE, OPERATOR)
        return str(lease["spec"].get("holderIdentity") or "")

    @property
    def leader(self) -> str:
        return self.holder.partition("_")[0]


@contextmanager
def brought_up(
    kube: Cluster, folder: Path, operator: Mapping[str, Any]
) -> Iterator[tuple[Project, Sites]]:
    """Bring up a stack of the tests' own, with an operator of these settings."""
    project = Project.copy(folder, kube)
    shutil.copy(project.file("dev"), project.file(STACK))
    changes = {
        "namespace": NAMESPACE,
        "services.kubia.serviceType": "ClusterIP",
        "services.kubia.nodePort": None,
        "sites": {},
        "agents": {},
        **{f"operators.{OPERATOR}.{key}": value for key, value in operator.items()},
    }
    project.change(STACK, changes)
    project.up(STACK)
    sites = Sites(kube)
    eventually(lambda: sites.leader in kube.pods(NAMESPACE, OPERATOR), "a leader")
    try:
        yield project, sites
    finally:
        project.clean()
