"""What the end-to-end tests share: `kubia` as a user types it, and what is in the cluster."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from kubia.local.images import PROJECT

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
WRITES = {"APPLY", "CREATE", "DELETE", "DELETECOLLECTION", "PATCH", "POST", "PUT", "UPDATE"}
DECLARED = {
    "configmaps",
    "daemonsets",
    "deployments",
    "horizontalpodautoscalers",
    "namespaces",
    "networkpolicies",
    "poddisruptionbudgets",
    "rolebindings",
    "roles",
    "secrets",
    "services",
}

T = TypeVar("T")


def eventually(probe: Callable[[], T | None], what: str, seconds: float = 60) -> T:
    """Return what `probe` does, as soon as it is neither None nor False; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        seen = probe()
        if seen is not None and seen is not False:
            return seen
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {seconds:g} s; last seen {seen!r}")
        time.sleep(0.1)


@dataclass(frozen=True)
class Cluster:
    """The cluster under test, seen through its own kubectl."""

    name: str
    kubeconfig: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a user who works on this cluster."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "KUBIA_CONTEXT": self.name}

    def kubectl(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        """Run kubectl and return what it prints."""
        done = self.try_kubectl(*args, stdin=stdin)
        if check and done.code != 0:
            pytest.fail(f"{' '.join(args)}: {done.err}")
        return done.out

    def try_kubectl(self, *args: str, stdin: str | None = None) -> "Result":
        """Run kubectl and return how it ended."""
        done = subprocess.run(
            [str(BIN / "kubectl"), "--context", self.name, *args],
            input=stdin,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def refusal(self, *args: str) -> str:
        """Return what kubectl prints when it is refused, which it must be."""
        command = [str(BIN / "kubectl"), "--context", self.name, *args]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode != 0, done.stdout
        return done.stderr

    def get(self, kind: str, namespace: str, name: str = "") -> Any:
        """Return an object, or the list of a kind's objects; None if there is no such object."""
        names = [name] if name else []
        text = self.kubectl(
            "get", kind, *names, "-n", namespace, "-o", "json", "--ignore-not-found"
        )
        live = json.loads(text) if text else None
        return live if name or live is None else live["items"]

    def pods(self, namespace: str, app: str) -> dict[str, str]:
        """Return the UIDs of an application's live pods, by name."""
        text = self.kubectl("get", "pods", "-n", namespace, "-l", f"app={app}", "-o", "json")
        live = [p for p in json.loads(text)["items"] if "deletionTimestamp" not in p["metadata"]]
        return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in live}

    def fetch(self, namespace: str, url: str) -> str:
        """Return the page that a pod of the web service gets from `url`."""
        code = f"import urllib.request as u;print(u.urlopen({url!r},timeout=3).read().decode())"
        return self.kubectl(
            "exec", "-n", namespace, "deployment/kubia", "--", "python3", "-c", code, check=False
        ).strip()

    def writes(self) -> int:
        """Return how many requests have written declared kinds of object, dry runs aside."""
        total = 0.0
        for line in self.kubectl("get", "--raw", "/metrics").splitlines():
            if line.startswith("apiserver_request_total{"):
                labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
                counts = labels["verb"] in WRITES and labels["resource"] in DECLARED
                if counts and not labels["dry_run"] and not labels["subresource"]:
                    total += float(line.rsplit(" ", 1)[1])
        return int(total)


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that the user read."""
        return self.out + self.err


@dataclass
class Project:
    """A user's copy of the project."""

    folder: Path
    cluster: Cluster
    used: set[str] = field(default_factory=set)

    @classmethod
    def copy(cls, folder: Path, cluster: Cluster) -> "Project":
        """Copy the program to `folder`."""
        folder.mkdir()
        for name in PROJECT:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        return cls(folder, cluster)

    def file(self, stack: str) -> Path:
        """Return the stack's file."""
        return self.folder / "stacks" / f"Pulumi.{stack}.yaml"

    def change(self, stack: str, changes: Mapping[str, Any]) -> None:
        """Set keys of the stack's file by path (`services.kubia.image`); None takes one away."""
        content = yaml.safe_load(self.file(stack).read_text())
        for path, value in changes.items():
            *parents, last = path.split(".")
            place = content["config"]
            for position, key in enumerate(parents):
                place = place.setdefault(f"kubia:{key}" if position == 0 else key, {})
            last = last if parents else f"kubia:{last}"
            if value is None:
                place.pop(last, None)
            else:
                place[last] = value
        self.file(stack).write_text(yaml.safe_dump(content, sort_keys=False))

    def command(self, *args: str) -> list[str]:
        """Return the command line of `kubia`."""
        return [str(BIN / "kubia"), *args]

    def kubia(
        self, *args: str, seconds: float = 180, stdin: str = "", **environment: str
    ) -> Result:
        """Run `kubia` in the project's folder."""
        if args[:2] == ("up", "--stack") and self.file("".join(args[2:3])).exists():
            self.used.add(args[2])
        done = subprocess.run(
            self.command(*args),
            cwd=self.folder,
            env={**self.cluster.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        """Start `kubia` and return while it runs; it hears the signals that the test may not."""
        return subprocess.Popen(
            ["env", "--default-signal", *self.command(*args)],
            cwd=self.folder,
            env=self.cluster.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def up(self, stack: str, *args: str) -> Result:
        """Run `kubia up`, which must succeed."""
        result = self.kubia("up", "--stack", stack, "--yes", *args)
        assert result.code == 0, result.text
        return result

    def clean(self) -> None:
        """Take down what the test brought up."""
        for stack in self.used:
            if stack == "prod":
                self.change(stack, {"protect": False})
                self.kubia("up", "--stack", stack, "--yes")
            self.kubia("down", "--stack", stack, "--yes", "--delete-namespace")


def page(url: str) -> str | None:
    """Return the page at a loopback address, or None while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return None
