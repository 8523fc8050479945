"""No content is lost: Pulumi's own engine through the sequences that the kubectl engine goes too.

SEED and COUNT choose them; what a kill strikes no seed can say exactly.
"""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests import sequences
from tests.e2e.harness import Cluster
from tests.oracle import lost
from tests.pulumi.project import Project
from tests.pulumi.sequences import World
from tests.sequences import State, Step, Tally

SEED = int(os.environ["SEED"])
COUNT = int(os.environ.get("COUNT") or 1)
LONGEST = 5
"""Steps: each takes some seconds."""
TROUBLES = ("kubia", "hello", *("port",) * 8)
"""Few pods that never start: for these Pulumi's provider waits more than a minute."""
PAUSES = (
    State(secret="b"),
    State(strategy="paused"),
    State(strategy="paused", secret="b", image="kubia:v2"),
    State(strategy="paused", secret="c", image="kubia:v2"),
    State(secret="c", image="kubia:v2"),
)
"""Of these the second and the fourth would take from the pods of a pause what they name."""

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="Pulumi's CLI is not on PATH")


@pytest.fixture(name="tally", scope="module")
def _tally() -> Iterator[Tally]:
    """Lend what counts; it is printed in the end."""
    tally = Tally()
    yield tally
    print(f"\nSEED={SEED}: {tally}")  # noqa: T201 - what was run


@pytest.mark.timeout(1200)
def test_a_pause_takes_no_content_from_its_pods(cluster: Cluster, project: Project) -> None:
    world = World(project, cluster, "paused")
    world.init()
    ends = []
    try:
        for state in PAUSES:
            ends.append(world.up(Step(state)))
            assert lost(world.live()) == []
    finally:
        world.remove()
    assert ends == ["done", "failed", "done", "failed", "done"]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(COUNT))
def test_no_sequence_of_states_loses_anything(
    cluster: Cluster, project: Project, tally: Tally, number: int
) -> None:
    print(f"\nSEED={SEED}, sequence {number}")  # noqa: T201 - to run it again
    world = World(project, cluster, f"s{number}")
    world.init()
    try:
        sequences.run(sequences.generate(SEED, number, LONGEST, TROUBLES), world, tally)
    finally:
        world.remove()
    assert tally.steps
