"""`kubia engine move` under Pulumi's own CLI: nothing that runs changes, whichever way it goes.

Cluster and state are real, the node is simulated; the program is the project's own.
"""

import itertools
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubia.manifests.meta import ONE_WRITER
from tests.e2e.harness import Cluster, Result
from tests.pulumi.project import Project, kill

STACK = "dev"
KINDS = (
    "configmaps,secrets,services,serviceaccounts,roles,rolebindings,networkpolicies,"
    "poddisruptionbudgets,deployments,daemonsets,replicasets,pods"
)
OTHER = {"pulumi": "kubectl", "kubectl": "pulumi"}
MOMENTS = (0.4, 0.6, 0.55, 0.75, 0.8)
"""Parts of the time that a move takes, after which it is killed: one to pulumi, one back, …"""
LONGEST = 600.0
NUMBERS = itertools.count(1)

RICH = {
    "kubia:services": {
        "kubia": {
            "image": "kubia:v1",
            "replicas": 2,
            "strategy": {"type": "BlueGreen", "active": "blue", "idleImage": "kubia:v1"},
        },
    },
    "kubia:sites": {"hello": {"replicas": 2, "content": {"index.html": "hello"}}},
}
"""What the stack has besides dev's agent and operator, and a secret."""

pytestmark = [
    pytest.mark.skipif(not shutil.which("pulumi"), reason="Pulumi's CLI is not on PATH"),
    pytest.mark.timeout(3600),
]


@dataclass
class Stack:
    """A stack of its own, and `kubia` as a user types it in the project's folder."""

    project: Project
    cluster: Cluster

    @classmethod
    def make(cls, folder: Path, cluster: Cluster, changes: Mapping[str, Any]) -> "Stack":
        """Lay the project out with the stack's file changed, and a secret in it."""
        stack = cls(Project.make(folder, cluster.environment), cluster)
        stack.change({"kubia:namespace": folder.name, **changes})
        stack.pulumi("stack", "init", STACK)
        secret = ("--secret", "--path", "kubia:secrets.kubia.API_TOKEN", "hunter2")
        stack.pulumi("config", "set", *secret, "--stack", STACK)
        return stack

    @property
    def folder(self) -> Path:
        return self.project.folder

    @property
    def file(self) -> Path:
        return self.folder / "stacks" / f"Pulumi.{STACK}.yaml"

    def change(self, changes: Mapping[str, Any]) -> None:
        document = yaml.safe_load(self.file.read_text())
        document["config"] |= changes
        self.file.write_text(yaml.safe_dump(document))

    def image(self, image: str) -> None:
        services = yaml.safe_load(self.file.read_text())["config"]["kubia:services"]
        self.change({"kubia:services": {"kubia": {**services["kubia"], "image": image}}})

    def pulumi(self, *args: str) -> None:
        result = self._run(["pulumi", "--non-interactive", *args])
        assert result.code == 0, result.text

    def kubia(self, *args: str) -> Result:
        return self._run([*self._kubia, *args])

    def done(self, *args: str) -> Result:
        """Run `kubia`, which must do all it is asked for."""
        result = self.kubia(*args)
        assert result.code == 0, result.text
        return result

    def move(self, to: str) -> float:
        """Move the stack; return the seconds that it took."""
        begin = time.monotonic()
        self.done("engine", "move", "--to", to, "--yes")
        return time.monotonic() - begin

    def killed_move(self, to: str, seconds: float) -> bool:
        """Kill a move and all its processes; whether it was still at work."""
        with (self.folder / "killed.log").open("a") as log:
            running = self.project.start(log, *self._kubia, "engine", "move", "--to", to, "--yes")
            try:
                running.wait(seconds)
            except subprocess.TimeoutExpired:
                kill(running)
                self.project.put_back(STACK)
                self._run(["pulumi", "cancel", "--yes", "--stack", STACK])
                return True
        return False

    def objects(self) -> list[dict[str, Any]]:
        """Return the stack's namespace and what is in it, but what an engine keeps of its own."""
        space = self.folder.name
        show = ("-o", "json", "--show-managed-fields")
        listed = self.cluster.kubectl("get", KINDS, "-n", space, *show)
        namespace = self.cluster.kubectl("get", "namespace", space, *show)
        record = f"kubia-{STACK}"
        return [json.loads(namespace)] + [
            item
            for item in json.loads(listed)["items"]
            if item.get("type") != "kubia.io/release" and item["metadata"]["name"] != record
        ]

    def identities(self, *, changing: bool = False) -> dict[str, tuple[str, int]]:
        """Return all UIDs and generations; those that an update may change only if `changing`."""
        return {
            f"{item['kind']} {item['metadata']['name']}": (
                item["metadata"]["uid"],
                item["metadata"].get("generation", 0) if changing else 0,
            )
            for item in self.objects()
            if changing or item["kind"] not in {"Pod", "ReplicaSet"}
        }

    def managers(self) -> set[tuple[str, str]]:
        """Return who manages fields of what the program declares."""
        return {
            (entry["manager"], entry["operation"])
            for item in self.objects()
            if ONE_WRITER.items() <= (item["metadata"].get("annotations") or {}).items()
            and not item["metadata"].get("ownerReferences")
            for entry in item["metadata"]["managedFields"]
            if not entry.get("subresource")
        }

    def agrees(self, keeper: str) -> None:
        """Check that one engine keeps the stack, finds no difference, and the other refuses."""
        assert self.done("engine", "show").out.startswith(f"the {keeper} engine keeps stack dev\n")
        preview = self.kubia("preview", "--exit-code")
        assert preview.code == 0, preview.text
        assert self.done("drift").out == "no drift\n"
        refused = self.kubia("up", "--engine", OTHER[keeper])
        assert refused.code == (1 if keeper == "pulumi" else 2), refused.text
        assert f"the {keeper} engine keeps stack dev" in refused.err
        assert f"`kubia engine move --to {OTHER[keeper]} --stack dev`" in refused.err
        assert self.managers() <= {("kubia", "Apply"), ("kube-controller-manager", "Update")}

    @property
    def _kubia(self) -> list[str]:
        return [sys.executable, "-m", "kubia"]

    def _run(self, command: list[str]) -> Result:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.project.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture(name="stack")
def _stack(cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Lend a stack that is not up yet."""
    changes = getattr(request, "param", {})
    name = f"moved-{next(NUMBERS)}"
    stack = Stack.make(tmp_path / name, cluster, changes)
    yield stack
    cluster.kubectl("delete", "namespace", "--ignore-not-found", "--wait=false", name)


@pytest.mark.parametrize("stack", [{}, RICH], ids=["dev", "all patterns"], indirect=True)
def test_a_stack_goes_to_pulumi_and_back_and_is_brought_up_by_either(stack: Stack) -> None:
    stack.done("up", "--engine", "kubectl")
    begin, all_that_runs = stack.identities(), stack.identities(changing=True)

    stack.move("pulumi")

    assert stack.identities(changing=True) == all_that_runs
    stack.agrees("pulumi")
    stack.image("kubia:v2")
    stack.done("up")
    all_that_runs = stack.identities(changing=True)

    stack.move("kubectl")

    assert stack.identities(changing=True) == all_that_runs
    stack.agrees("kubectl")
    stack.image("kubia:v3")
    stack.done("up")
    stack.agrees("kubectl")
    assert begin.items() <= stack.identities().items()
    assert "moved from pulumi" in stack.done("history").out
    assert "moved from kubectl" in stack.done("history", "--engine", "pulumi").out


@pytest.mark.parametrize("stack", [RICH], ids=["all patterns"], indirect=True)
def test_what_plain_pulumi_brought_up_goes_to_kubectl_and_back(stack: Stack) -> None:
    stack.pulumi("up", "--yes", "--skip-preview", "--stack", STACK)
    begin, all_that_runs = stack.identities(), stack.identities(changing=True)
    assert ("pulumi-kubernetes", "Update") in stack.managers()

    stack.move("kubectl")

    assert stack.identities(changing=True) == all_that_runs
    stack.agrees("kubectl")
    stack.image("kubia:v2")
    stack.done("up")
    stack.move("pulumi")
    stack.agrees("pulumi")
    stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)
    assert begin.items() <= stack.identities().items()


def test_a_move_that_is_killed_goes_on_and_changes_nothing(stack: Stack) -> None:
    stack.done("up", "--engine", "kubectl")
    all_that_runs = stack.identities(changing=True)
    took = {to: stack.move(to) for to in ("pulumi", "kubectl")}
    killed = 0

    for moment, to in zip(MOMENTS, itertools.cycle(took), strict=False):
        killed += stack.killed_move(to, moment * took[to])
        on_its_way = "is on its way" in stack.done("engine", "show").out
        up = stack.kubia("up")
        assert (up.code, "is on its way" in up.err) == (int(on_its_way), on_its_way), up.text
        stack.move(to)
        assert stack.identities(changing=True) == all_that_runs

    stack.agrees(to)
    assert killed
