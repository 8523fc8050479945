"""The examples do, on a real node, what their READMEs say one sees. TOUR=1 runs all of them."""

import os
import random
import shutil
from pathlib import Path

import pytest

from kubia.actions import tour
from kubia.actions.tour import Example
from tests.e2e.harness import Cluster

pytestmark = pytest.mark.e2e

ALL = tour.examples()
SEED = int(os.environ["SEED"])
SAMPLE = ALL if "TOUR" in os.environ else random.Random(SEED).sample(ALL, 2)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("example", SAMPLE, ids=lambda example: example.name)
def test_an_example_shows_what_its_readme_says(
    kube: Cluster, tmp_path: Path, example: Example
) -> None:
    folder = Path(shutil.copytree(example.folder, tmp_path / example.name))
    try:
        for step in example.steps:
            attempt = tour.try_(step, folder, kube.environment)
            print(f"$ {step.command}\n{attempt.output}")  # noqa: T201 - what a README may show
            assert attempt.problem == "", attempt.output
    finally:
        tour.run("kubia down --yes --delete-namespace", folder, kube.environment)
