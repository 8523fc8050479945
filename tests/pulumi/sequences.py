"""A copy of the project under Pulumi's own CLI, on a cluster with a simulated node."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import yaml

from kubia.program import objects
from kubia.project import stackfile
from kubia.session import Session
from tests.e2e.harness import Cluster
from tests.oracle import Object
from tests.sequences import TAKEN, End, Fault, State, Step

ROOT = Path(__file__).resolve().parents[2]
STACK = "dev"
UP = ("pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
KINDS = "configmaps,secrets,services,daemonsets,deployments,replicasets"
FIRST = 20.0
"""Seconds that an `up` takes, as long as none has ended by itself."""
STARTING = 0.4
"""The share of them that passes before the first write."""
LONGEST = 400.0
"""Seconds that a command may take: a rollout that fails is waited for."""


@dataclass
class World:
    """One stack of its own; the namespaces that it may have begin with `prefix`."""

    folder: Path
    cluster: Cluster
    prefix: str
    seconds: float = FIRST
    """How long the last `up` took that was done: among these is the moment of a kill."""

    @classmethod
    def make(cls, folder: Path, cluster: Cluster, prefix: str) -> "World":
        """Copy the project to `folder`, with a backend of its own."""
        folder.mkdir()
        for name in ("__main__.py", "Pulumi.yaml", "components", "kubia", "stacks"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        file = folder / "Pulumi.yaml"
        file.write_text(file.read_text().replace("virtualenv: .venv", f"virtualenv: {sys.prefix}"))
        (folder / "state").mkdir()
        world = cls(folder, cluster, prefix)
        assert world._run("stack", "init") == 0
        return world

    def up(self, step: Step) -> End:
        """Run `pulumi up`, killed if the step has a fault: no write can be made to be refused."""
        self._write(step.state)
        begin = time.monotonic()
        command = [*UP, "--stack", STACK]
        with (self.folder / "up.log").open("a") as log:
            print(f"\n{step}", file=log, flush=True)
            running = self._start(command, log)
            moment = self._seconds_until(step.fault) if step.fault else LONGEST
            try:
                code = running.wait(moment)
            except subprocess.TimeoutExpired:
                _kill(running)
                assert step.fault, f"`pulumi up` hangs: {step}"
                self._run("cancel", "--yes")
                return "killed"
        if code:
            return "failed"
        self.seconds = time.monotonic() - begin
        return "done"

    def declared(self, state: State) -> list[Object]:
        """Return what the program declares."""
        project = stackfile.project(self.folder)
        stack = stackfile.of_document(project, STACK, self._file, self._document(state))
        program = Session(stack, "kubectl", self.cluster.name).program
        return [manifest.object for manifest in objects.of_program(program)]

    def live(self) -> list[Object]:
        """Return the objects in the stack's namespaces, and these."""
        listed = json.loads(self.cluster.kubectl("get", "namespaces", "-o", "json"))["items"]
        live = [item for item in listed if item["metadata"]["name"].startswith(f"{self.prefix}-")]
        for name in [item["metadata"]["name"] for item in live]:
            text = self.cluster.kubectl("get", KINDS, "-n", name, "-o", "json")
            live += json.loads(text)["items"]
        return live

    def changes(self, state: State) -> bool:
        """Whether `pulumi preview` says that anything would change."""
        self._write(state)
        return self._run("preview", "--expect-no-changes", "--non-interactive") != 0

    def copied(self) -> Self | None:
        """Return nothing: there is only one cluster."""
        return None

    def remove(self) -> None:
        """Delete what the stack's namespaces hold."""
        names = [f"{self.prefix}-{name}" for name in ("one", "two")]
        self.cluster.kubectl("delete", "namespace", "--ignore-not-found", "--wait=false", *names)

    def _seconds_until(self, fault: Fault) -> float:
        return self.seconds * (STARTING + (1 - STARTING) * fault.moment)

    def _run(self, *args: str) -> int:
        with (self.folder / "up.log").open("a") as log:
            running = self._start(["pulumi", *args, "--stack", STACK], log)
            return running.wait(LONGEST)

    def _start(self, command: list[str], log: IO[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **self.cluster.environment,
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    @property
    def _file(self) -> Path:
        return self.folder / "stacks" / f"Pulumi.{STACK}.yaml"

    def _document(self, state: State) -> dict[str, object]:
        return state.document(self.prefix, self.cluster.name)

    def _write(self, state: State) -> None:
        """Write the stack file; keep what Pulumi itself has put there."""
        before = yaml.safe_load(self._file.read_text())
        own = {key: before[key] for key in before.keys() - {"config"}}
        self._file.write_text(yaml.safe_dump({**own, **self._document(state)}))


def take_port(cluster: Cluster) -> None:
    """Let somebody else have the node port that some states ask for."""
    port = {"port": 80, "nodePort": TAKEN}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "first", "namespace": "default"},
        "spec": {"type": "NodePort", "ports": [port], "selector": {"app": "first"}},
    }
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(service))


def _kill(running: subprocess.Popen[bytes]) -> None:
    """Kill the command and all that it has started: plugins have process groups of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            session = int(stat.read_text().rpartition(")")[2].split()[3])
            if session == running.pid:
                os.kill(int(stat.parent.name), signal.SIGKILL)
