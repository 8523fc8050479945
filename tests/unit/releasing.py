"""A small project on an API server in memory, for tests of everything that releases."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubia.actions.kubectl import KubectlEngine
from kubia.apply import applyset
from kubia.apply.model import DesiredState
from kubia.apply.wait import Timing
from kubia.observe.monitor import RolloutMonitor
from kubia.project import stackfile
from kubia.releases.record import UpOptions
from kubia.releases.release import Outcome, Release
from kubia.session import Session
from tests.unit.apiserver import Server

SPACE = "/api/v1/namespaces/shop"
DESIRED = DesiredState("shop", "dev", applyset.parent("shop", "dev", "shop"), ())
"""The stack, without what it declares: enough for its releases."""
PROGRAM = """
import pathlib, os, pulumi, pulumi_kubernetes as k8s
config = pulumi.Config("shop")
services, sites = config.require_object("services"), config.get_object("sites") or {}
cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"])
opts = pulumi.ResourceOptions(provider=cluster)
k8s.core.v1.Namespace("shop", metadata={"name": "shop"}, opts=opts)
for name, site in sites.items():
    files = dict(site.get("content", {}))
    if "directory" in site:
        folder = pathlib.Path(site["directory"])
        files |= {path.name: path.read_text() for path in sorted(folder.iterdir())}
    own = {"name": name, "namespace": "shop"}
    k8s.core.v1.ConfigMap(name, metadata=own, data=files, opts=opts)
for name, service in services.items():
    pod = {"containers": [{"name": name, "image": service["image"]}]}
    spec = {"image": service["image"], "replicas": 1, "selector": {}, "template": {"spec": pod}}
    own = {"name": name, "namespace": "shop"}
    k8s.apps.v1.Deployment(name, metadata=own, spec=spec, opts=opts)
"""
STACK = """\
# what shop sells
config:
  shop:contexts: [fake]   # never another
  shop:namespace: shop
  shop:services:
    web:
      image: web:v1  # the newest
      strategy: {type: Canary}
  shop:sites:
    help: {directory: help}
"""


class Shop:
    """The project in a folder, and what a user does with it."""

    def __init__(self, root: Path, server: Server) -> None:
        """Lay the project out."""
        self.root = root
        self.server = server
        self.file = root / "Pulumi.dev.yaml"
        (root / "help").mkdir(parents=True)
        (root / "help" / "index.html").write_text("help v1")
        (root / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (root / "__main__.py").write_text(PROGRAM)
        self.file.write_text(STACK)

    @property
    def session(self) -> Session:
        """A session on what the files say now."""
        stack = stackfile.stack(stackfile.project(self.root), "dev")
        return Session(stack, "kubectl", "fake")

    @property
    def engine(self) -> KubectlEngine:
        """The engine, on what the files say now."""
        return KubectlEngine(self.session, self.connect, Timing(settling=0.0))

    @contextlib.contextmanager
    def connect(self, _context: str) -> Iterator[Any]:
        """Lend the API server in memory in place of a connection."""
        yield self.server

    def edit(self, old: str, new: str) -> None:
        """Change the stack file."""
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))

    def up(self, options: UpOptions | None = None) -> list[str]:
        """Bring it up; what was written."""
        self.server.writes.clear()
        self.engine.up(options or UpOptions(), RolloutMonitor())
        return list(self.server.writes)

    def history(self) -> list[Release]:
        """Return all releases."""
        return self.engine.history()

    def states(self) -> list[str]:
        """Return each release's state."""
        return [item.state for item in self.history()]


def shop(root: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project whose cluster is an API server in memory."""
    monkeypatch.setenv("KUBIA_WHO", "a test")
    return Shop(root, Server())


def release(number: int, outcome: Outcome = "deployed", digest: str = "") -> Release:
    """Return a release; all have the same words, but each a digest of its own if none is given."""
    return Release(number, "2026-01-31T12:00:00Z", "me", "why", outcome, digest or str(number))


def twice(server: Server, method: str) -> Callable[..., Any]:
    """Return how requests go if the first by this method loses its answer, and is tried again."""
    answer = server.request
    lost: list[Any] = []

    def request(asked: str, *rest: Any, **more: Any) -> Any:
        if asked == method and not lost:
            lost.append(answer(asked, *rest, **more))
        return answer(asked, *rest, **more)

    return request
