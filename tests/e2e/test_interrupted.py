"""`up` killed at each of its writes in turn: the next `up` ends where an undisturbed one does.

CI takes every third write, by SEED; with COUNT, as `make soak` sets it, each is taken. On simulated
nodes, for what containers do is not the question here.
"""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.harness import Cluster, Project, eventually
from tests.operator.faults import Fault, Request, Rule
from tests.operator.proxy import Proxy

pytestmark = pytest.mark.e2e

KINDS = "configmaps,secrets,services,deployments,daemonsets"
MOST = 40
"""Writes that an `up` of the test's stack makes at most; a few more than it does make."""
SEED = int(os.environ["SEED"])
SERVERS = {"clusterIP", "clusterIPs", "uid", "resourceVersion", "creationTimestamp", "generation"}
FIRST: dict[str, Any] = {
    "services.kubia.serviceType": "ClusterIP",
    "services.kubia.nodePort": None,
    "services.kubia.replicas": 2,
    "operators": {},  # seven writes more of the same kind
}
SECOND = {
    "services.kubia.image": "kubia:v2",
    "sites.hello.content": {"index.html": "hello again"},
    "sites.other": {"content": {"index.html": "other"}},
    "agents": {},
}


@pytest.fixture(name="proxy")
def _proxy(simulated: Cluster) -> Iterator[Proxy]:
    proxy = Proxy(str(simulated.kubeconfig))
    yield proxy
    proxy.close()


@pytest.fixture(name="through")
def _through(proxy: Proxy, tmp_path: Path) -> Cluster:
    """Return the cluster as it is seen through the proxy."""
    name = f"kubia-{secrets.token_hex(4)}"
    entry = {"name": name}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{**entry, "cluster": {"server": proxy.url}}],
        "users": [{**entry, "user": {}}],
        "contexts": [{**entry, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    return Cluster(name, file)


class Stacks:
    """The same stack again and again, each time by another name and in a namespace of its own."""

    def __init__(self, project: Project, simulated: Cluster) -> None:
        self.project = project
        self.simulated = simulated
        self.names: list[str] = []
        self._draft = project.file("dev").read_text()

    def new(self) -> str:
        """Declare one more; return its name."""
        stack = f"n{secrets.token_hex(4)}"
        self.project.file(stack).write_text(self._draft.replace("kubia-dev", f"kubia-{stack}"))
        self.project.change(stack, FIRST)
        self.names.append(stack)
        return stack

    def remove(self) -> None:
        """Delete them all, and do not wait for it."""
        for stack in self.names:
            self.simulated.kubectl("delete", "namespace", f"kubia-{stack}", "--wait=false")

    def objects(self, stack: str) -> dict[str, Any]:
        """Return what is in the stack's namespace, by kind and name, and the namespace itself."""
        space = f"kubia-{stack}"
        listed = self.simulated.kubectl("get", KINDS, "-n", space, "-o", "json")
        itself = self.simulated.kubectl("get", "namespace", space, "-o", "json")
        text = listed.replace(stack, "STACK") + "\0" + itself.replace(stack, "STACK")
        text = re.sub(r"applyset-[\w-]+-v1", "applyset", text)
        live = [*json.loads(text.split("\0")[0])["items"], json.loads(text.split("\0")[1])]
        return {
            f"{item['kind']} {item['metadata']['name']}": _declared(item)
            for item in live
            if item.get("type") != "kubia.io/release"  # its time differs; see `releases`
        }

    def releases(self, stack: str) -> list[Any]:
        """Return number, outcome, cause and images of each release that is recorded."""
        text = self.project.kubia("history", "--stack", stack, "--json").out
        keys = ("number", "state", "cause", "images")
        return [{key: item[key] for key in keys} for item in json.loads(text)]


def _declared(live: dict[str, Any]) -> dict[str, Any]:
    """Return a live object without its status, and what the server alone decides."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key not in SERVERS}
        return [plain(item) for item in value] if isinstance(value, list) else value

    metadata = {key: item for key, item in live["metadata"].items() if key != "managedFields"}
    bare: dict[str, Any] = plain({**live, "metadata": metadata})
    bare.pop("status", None)
    return bare


def writes(step: int, most: int) -> range:
    """Return the writes that are tried: each, or every so many, of which SEED chooses the first."""
    return range(1, most) if os.environ.get("COUNT") else range(1 + SEED % step, most, step)


def killing_at(number: int, running: list[subprocess.Popen[bytes]], done: list[Request]) -> Rule:
    """Return a rule that kills the process once its write of this number has been carried out.

    Writes of other threads that come after it do not reach the server any more. `done` gets those
    that do.
    """

    def rule(request: Request) -> Fault | None:
        if request.method == "GET" or "dryRun" in request.query:
            return None
        if len(done) >= number:
            return Fault(drop=True)
        done.append(request)
        return Fault(after=running[0].kill, lose=True) if len(done) == number else None

    return rule


def killed(project: Project, proxy: Proxy, stack: str, number: int) -> bool:
    """Run an `up` that is killed at its write of this number; False if it made no so many."""
    running: list[subprocess.Popen[bytes]] = []
    done: list[Request] = []
    with proxy.rule(killing_at(number, running, done)):
        running.append(project.start("up", "--stack", stack))
        code = running[0].wait(120)
    assert code in {0, -signal.SIGKILL}
    return code != 0


def proxies_left(context: str) -> list[int]:
    """Return the processes that still connect to a context."""
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"proxy" in words and f"--context={context}".encode() in words:
                left.append(int(folder.name))
    return left


@pytest.fixture(name="stacks")
def _stacks(through: Cluster, simulated: Cluster, tmp_path: Path) -> Iterator[Stacks]:
    stacks = Stacks(Project.copy(tmp_path / "kubia", through), simulated)
    yield stacks
    stacks.remove()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("release", ["first", "second"])
def test_up_killed_at_any_write_is_finished_by_the_next_as_if_undisturbed(
    stacks: Stacks, proxy: Proxy, through: Cluster, release: str
) -> None:
    project = stacks.project

    def prepared() -> str:
        stack = stacks.new()
        if release == "second":
            project.up(stack)
            project.change(stack, SECOND)
        return stack

    undisturbed = prepared()
    project.up(undisturbed)
    objects, releases = stacks.objects(undisturbed), stacks.releases(undisturbed)
    assert len(releases) == (1 if release == "first" else 2)

    tried = writes(3, MOST)
    for number in tried:
        stack = prepared()
        if not killed(project, proxy, stack, number):
            break
        project.up(stack)
        assert stacks.objects(stack) == objects, f"killed at write {number}"
        assert stacks.releases(stack) == releases, f"killed at write {number}"
    else:
        pytest.fail(f"an up makes {MOST} writes or more")
    print(f"\n{release} up: killed at its writes {[*tried[: tried.index(number)]]}")  # noqa: T201 - measured
    assert number > 8
    eventually(lambda: not proxies_left(through.name), "no connection outlives its command", 10)
