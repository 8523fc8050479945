"""A random walk through the states of a web service, under load: real pods, real traffic.

tests/generated/test_releases.py brings every state up over every other in memory. Here some of
these are gone through for real; SEED chooses them, COUNT says how many.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.e2e.harness import Cluster, Project, eventually, page
from tests.e2e.load import Load
from tests.e2e.test_releases import FIVE_IN_A_ROW, URL, answering
from tests.generated.slow_server import BAD
from tests.generated.test_releases import State, states

pytestmark = pytest.mark.e2e

KNOWN = 8
SEED = int(os.environ["SEED"]) if "COUNT" in os.environ else KNOWN
"""Without COUNT the first steps of a known walk: at random, a step may take a minute or five."""
COUNT = int(os.environ.get("COUNT") or 2)
FAILING = "kubia:v3"
"""Answers a few requests and fails from then on: what passes its gate would be met by users."""
DEADLINE = 25
"""Seconds without progress after which a rollout has failed."""
FIRST = State("RollingUpdate")


@dataclass
class Walk:
    """A stack that goes from state to state."""

    project: Project
    state: State = FIRST

    def up(self, state: State) -> int:
        """Bring a state up; return the exit code."""
        web = {**state.unrouted, "serviceType": "NodePort", "nodePort": 30080}
        web |= {"readiness": FIVE_IN_A_ROW, "liveness": {"tcpSocket": {}, "periodSeconds": 10}}
        web["strategy"] = {
            key: FAILING if value == BAD else value for key, value in web["strategy"].items()
        }
        web["strategy"]["progressDeadlineSeconds"] = DEADLINE
        self.project.change("dev", {"services.kubia": web})
        return self.project.kubia("up", "--stack", "dev", seconds=300).code

    def step(self, state: State) -> tuple[int, list[str]]:
        """Go to a state, or back where that is refused or fails; return how, and what was lost."""
        with Load(URL) as load:
            load.reach(200, 20)
            allowed = {*answering(load, 60), *versions(state), *versions(self.state)}
            code = self.up(state)
            if code:
                # A pause is refused where what is to stand still has gone meanwhile.
                self.state = replace(self.state, paused=False)
                assert self.up(self.state) == 0
            load.reach(len(load.answers) + 500, 20)
        strange = {it for it in load.versions if it not in allowed}
        lost = [*load.lost, *(f"users met {version}" for version in sorted(strange))]
        print(f"  exit {code}, {len(load.answers)} requests, {len(lost)} lost: {state}")  # noqa: T201 - what was run
        if not code:
            self.state = state
        return len(load.answers), [f"{self.state} → {state}: {each}" for each in lost]


def versions(state: State) -> set[str]:
    """Return the versions that users may meet in a state, as they answer."""
    return {image.rpartition(":")[2] for image in state.images - {BAD}}


def walk() -> Iterator[State]:
    """Yield states at random of which each always serves somebody."""
    dice = random.Random(SEED)
    plain = [it for it in states() if it.weight is None]
    serving = [it for it in plain if it.count != "none" and it.type != "Recreate"]
    for _ in range(COUNT):
        yield dice.choice(serving)


@pytest.fixture(name="project")
def _project(project: Project) -> Project:
    """Let the web service be alone in stack dev."""
    project.change("dev", {"sites": {}, "agents": {}, "operators": {}})
    return project


@pytest.mark.timeout(0)
def test_nobody_is_lost_on_a_walk_through_states(project: Project, kube: Cluster) -> None:
    walking = Walk(project)
    assert walking.up(FIRST) == 0
    eventually(lambda: page(URL), "the page")
    requests, lost = 0, []

    print(f"\nSEED={SEED}")  # noqa: T201 - to run it again
    for state in walk():
        answered, problems = walking.step(state)
        requests += answered
        lost += problems

    pods: Any = kube.get("pods", "kubia-dev")
    print(f"{COUNT} transitions, {requests} requests, {len(pods)} pods in the end")  # noqa: T201 - what was run
    assert lost == []
