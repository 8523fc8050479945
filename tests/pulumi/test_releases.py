"""Nobody is lost: a web service from state to state by plain `pulumi up`, watched meanwhile.

tests/generated/test_releases.py brings every state up over every other by the kubectl engine. SEED
and COUNT choose which are gone through here, on real controllers and a node without containers.
"""

import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from kubia.apply.connection import Connection, connect
from kubia.live import endpoints
from tests import sequences
from tests.e2e.harness import Cluster
from tests.generated.slow_server import BAD
from tests.generated.test_releases import State, states
from tests.pulumi.project import Project
from tests.pulumi.sequences import World
from tests.sequences import Step

SEED = int(os.environ["SEED"])
COUNT = int(os.environ.get("COUNT") or 3)
STACK = "r"
FIRST = State("RollingUpdate")
PACE = 0.05
"""Seconds between two looks."""

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="Pulumi's CLI is not on PATH")


@dataclass(frozen=True)
class Declared(sequences.State):
    """A stack that holds one web service."""

    web: Any = None

    def document(self, prefix: str, context: str) -> dict[str, Any]:
        """Return the content of the stack file."""
        document = super().document(prefix, context)
        document["config"] |= {"kubia:services": {"kubia": self.web}, "kubia:sites": {}}
        return document


@dataclass
class Users:
    """Whom the Service serves, by how many pods and which images."""

    connection: Connection
    space: str
    least: int = 1000
    images: set[str] = field(default_factory=set)

    def look(self) -> int:
        """Look once; return how many pods serve."""
        names = self._get("services")
        selector = next(iter(names), {"spec": {"selector": {"none": "none"}}})["spec"]["selector"]
        pods = [
            pod
            for pod in endpoints.serving(self._get("pods"))
            if endpoints.selects(selector, pod["metadata"]["labels"])
        ]
        self.least = min(self.least, len(pods))
        self.images |= {pod["spec"]["containers"][0]["image"] for pod in pods}
        return len(pods)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look again and again."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(PACE):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _get(self, kind: str) -> list[dict[str, Any]]:
        listed = self.connection.request("GET", f"/api/v1/namespaces/{self.space}/{kind}")
        return list(listed["items"])


def is_named(before: State, after: State) -> bool:
    """Whether docs/engines.md names the change as one that Pulumi's engine does not hold.

    From an autoscaler to the number that is live is none of these: nothing scales here.
    """
    fewer = before.canary is not None and before.canaries > (after.canaries if after.canary else 0)
    more = before.type == "Canary" and before.count != after.count
    return (after.paused and before.type == "BlueGreen") or (fewer and more)


def walk() -> Iterator[State]:
    """Yield states at random, each of which always serves somebody after the one before."""
    dice, before = random.Random(SEED), FIRST
    plain = [it for it in states() if it.weight is None]
    serving = [it for it in plain if it.count != "none" and it.type != "Recreate"]
    # On a node without containers each image runs.
    serving = [it for it in serving if BAD not in {*it.images, it.idle}]
    for _ in range(COUNT):
        some = [it for it in serving if it != before and not is_named(before, it)]
        kind = dice.choice(sorted({it.type for it in some}))
        before = dice.choice([it for it in some if it.type == kind])
        yield before


@pytest.fixture(name="world", scope="module")
def _world(project: Project, cluster: Cluster) -> World:
    """Lend a stack, as new."""
    world = World(project, cluster, STACK)
    world.init()
    return world


@pytest.fixture(name="connection")
def _connection(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("KUBECONFIG", str(world.cluster.kubeconfig))
    with connect(world.cluster.name) as connection:
        yield connection


@pytest.mark.timeout(0)
def test_nobody_is_lost_from_state_to_state_by_plain_pulumi(
    world: World, connection: Connection
) -> None:
    assert world.up(Step(Declared(web=FIRST.unrouted))) == "done"
    before = FIRST
    lost = []

    print(f"\nSEED={SEED}")  # noqa: T201 - to run it again
    for after in walk():
        users = Users(connection, f"{STACK}-one")
        served = users.look()
        # What a pause has held back may come now.
        allowed = users.images | before.images | after.images
        began = time.monotonic()
        with users.watched():
            end = world.up(Step(Declared(web=after.unrouted)))
        seconds = time.monotonic() - began
        problems = [f"users met {image}" for image in sorted(users.images - allowed)]
        if users.least < min(served, after.pods):
            problems.append(f"{users.least} pods served, {min(served, after.pods)} are needed")
        print(f"  {end} in {seconds:.1f} s, {users.least} of {served} pods at least: {after}")  # noqa: T201 - what was run
        lost += [f"{before} → {after}: {each}" for each in problems]
        assert end == "done", f"{before} → {after}"
        before = after

    assert lost == []
