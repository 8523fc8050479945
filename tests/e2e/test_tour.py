"""The examples do on a cluster what their READMEs say one sees.

Where pods only have to be there, a simulated node does; with TOUR=1 the real node runs those, too.
"""

import os
import shutil
from pathlib import Path

import pytest

from kubia.actions import tour
from kubia.actions.tour import Example
from tests.e2e.harness import Cluster

pytestmark = pytest.mark.e2e

ALL = tour.examples()
OF_OBJECTS = {
    "02-labels",
    "03-node-selector",
    "04-namespace",
    "06-replication-controller",
    "07-replica-set",
    "10-deployment",
    "12-recreate",
    "13-declarative",
    "18-rollback",
}
"""Those in which nobody asks a container for anything."""
SIMULATED = [each for each in ALL if each.name in OF_OBJECTS]
REST = [each for each in ALL if each.name not in OF_OBJECTS]
WHOLE = "TOUR" in os.environ
REAL = ALL if WHOLE else REST


def named(example: Example) -> str:
    """Return what a test's name says."""
    return example.name


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("example", REAL, ids=named)
def test_an_example_shows_what_its_readme_says(
    kube: Cluster, tmp_path: Path, example: Example
) -> None:
    follow(example, kube, tmp_path)


@pytest.mark.skipif(WHOLE, reason="the real node runs them")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("example", SIMULATED, ids=named)
def test_an_example_of_objects_shows_it_on_a_simulated_node(
    simulated: Cluster, tmp_path: Path, example: Example
) -> None:
    follow(example, simulated, tmp_path)


def follow(example: Example, cluster: Cluster, place: Path) -> None:
    """Do each step of a README, and look for what it says."""
    folder = Path(shutil.copytree(example.folder, place / example.name))
    try:
        for step in example.steps:
            attempt = tour.try_(step, folder, cluster.environment)
            print(f"$ {step.command}\n{attempt.output}")  # noqa: T201 - what a README may show
            assert attempt.problem == "", attempt.output
    finally:
        tour.run("kubia down --yes --delete-namespace", folder, cluster.environment)
