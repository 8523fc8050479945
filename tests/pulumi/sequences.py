"""A stack under Pulumi's own CLI, on a cluster with a simulated node."""

import functools
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import yaml

from kubia.actions.pulumi_state import NAMESPACE
from kubia.program import objects
from kubia.project import stackfile
from kubia.project.passphrase import Passphrase
from kubia.session import Session
from tests.e2e.harness import Cluster
from tests.oracle import Object
from tests.pulumi import refusing
from tests.pulumi.project import Project, kill
from tests.sequences import SECRETS, End, Fault, State, Step, unsealed

PULUMI_UP = ("pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
KUBIA_UP = (sys.executable, "-m", "kubia", "up", "--engine", "pulumi")
KINDS = "namespaces,configmaps,secrets,services,daemonsets,deployments,replicasets"
WORK = re.compile(r"^ *[-+~]+ +kubernetes:.* (creat|updat|delet|replac)(ing|ed) ")
"""A line that tells that a resource's turn has come, or has passed."""
MOST = 24
"""Such lines among which the one is that a kill strikes at; an `up` with fewer may escape."""
LATER = 0.3
"""Seconds within which the kill strikes after that line."""
LONGEST = 400.0
"""Seconds that a command may take: a rollout that fails is waited for."""


@dataclass
class World:
    """One stack of its own, called as the prefix of the namespaces that it may have."""

    project: Project
    cluster: Cluster
    prefix: str
    was_killed: bool = False
    """Whether the last `up` was: then the next is kubia's, which finds out what was made."""

    def init(self) -> None:
        """Let Pulumi make the stack."""
        assert self._run("stack", "init") == 0

    def up(self, step: Step) -> End:
        """Run `pulumi up`; the step's fault strikes meanwhile."""
        self._write(step.state)
        self._log(f"\n{step}\n")
        fault = step.fault
        is_refused = bool(fault and fault.kind == "refused")
        if fault and is_refused:
            refusing.refuse(self.cluster, self.prefix, fault.moment)
        command = KUBIA_UP if self.was_killed else PULUMI_UP
        running = self.project.start(subprocess.PIPE, *command, "--stack", self.prefix)
        try:
            with running:
                self.was_killed = self._follow(running, None if is_refused else fault)
        finally:
            kill(running)
            if is_refused:
                refusing.allow(self.cluster)
        if self.was_killed:
            if self.project.put_back(self.prefix):
                self._log("the state is empty: the one before it is put back\n")
            self._run("cancel", "--yes")
            return "killed"
        return "failed" if running.returncode else "done"

    def declared(self, state: State) -> list[Object]:
        """Return what the program declares."""
        project = stackfile.project(self.project.folder)
        document = state.document(self.prefix, self.cluster.name)
        stack = stackfile.of_document(project, self.prefix, self._file, document)
        program = Session(unsealed(stack), "kubectl", self.cluster.name).program
        return [manifest.object for manifest in objects.of_program(program)]

    def live(self) -> list[Object]:
        """Return the objects in the stack's namespaces, and these."""
        listed = json.loads(self.cluster.kubectl("get", KINDS, "--all-namespaces", "-o", "json"))
        return [item for item in listed["items"] if self._is_ours(item["metadata"])]

    def changes(self, state: State) -> bool:
        """Whether `pulumi preview` says that anything would change."""
        self._write(state)
        return self._run("preview", "--expect-no-changes") != 0

    def copied(self) -> Self | None:
        """Return nothing: there is only one cluster."""
        return None

    def refuses(self, state: State) -> bool:
        """Whether the state's namespace is one that Pulumi is still to delete."""
        with self._log_file() as log:
            command = ("pulumi", "stack", "export", "--stack", self.prefix)
            exporting = self.project.start(subprocess.PIPE, *command)
            text = exporting.communicate(timeout=LONGEST)[0]
            log.write(text)
        resources = json.loads(text)["deployment"].get("resources") or ()
        left = {it.get("id") for it in resources if it.get("delete") and it["type"] == NAMESPACE}
        return f"{self.prefix}-{state.namespace}" in left

    def remove(self) -> None:
        """Delete what the stack's namespaces hold."""
        names = [f"{self.prefix}-{name}" for name in ("one", "two")]
        self.cluster.kubectl("delete", "namespace", "--ignore-not-found", "--wait=false", *names)

    def _follow(self, running: subprocess.Popen[str], fault: Fault | None) -> bool:
        """Write down what a command prints; kill it where a fault strikes, and say so."""
        target = 1 + int(fault.moment * MOST) if fault else 0
        number = 0
        for line in running.stdout or ():
            self._log(line)
            number += bool(WORK.match(line))
            if fault and number == target:
                time.sleep(fault.moment * 997 % 1 * LATER)
                self._log(f"killed at line {number}\n")
                kill(running, orphaning=fault.kind == "killed after")
                return True
        return False

    def _is_ours(self, metadata: Object) -> bool:
        return str(metadata.get("namespace", metadata["name"])).startswith(f"{self.prefix}-")

    def _run(self, *args: str) -> int:
        self._log(f"\npulumi {args[0]}\n")
        with self._log_file() as log:
            command = ["pulumi", *args, "--non-interactive", "--stack", self.prefix]
            return self.project.start(log, *command).wait(LONGEST)

    def _log(self, text: str) -> None:
        with self._log_file() as log:
            log.write(text)

    def _log_file(self) -> IO[str]:
        return (self.project.folder / f"{self.prefix}.log").open("a")

    @property
    def _file(self) -> Path:
        return self.project.folder / "stacks" / f"Pulumi.{self.prefix}.yaml"

    def _write(self, state: State) -> None:
        """Write the stack file; keep what Pulumi itself has put there."""
        before = yaml.safe_load(self._file.read_text())
        own = {key: before[key] for key in before.keys() - {"config"}}
        document = state.document(self.prefix, self.cluster.name)
        key = passphrase(own["encryptionsalt"])
        for secrets in document["config"][SECRETS].values():
            secrets |= {name: {"secure": key.encrypt(value)} for name, value in secrets.items()}
        self._file.write_text(yaml.safe_dump({**own, **document}))


@functools.cache
def passphrase(salt: str) -> Passphrase:
    """Return what seals the secrets of a stack, whose passphrase is empty."""
    return Passphrase("", salt)
