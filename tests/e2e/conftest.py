"""The clusters that the end-to-end tests share: a real node, and one where none is needed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kubia.errors import KubiaError
from kubia.local import cluster as local
from kubia.local import network, packages
from kubia.local.cluster import LocalCluster
from kubia.local.report import Lines
from tests.e2e.harness import Cluster, Project

OWN = "kubia-e2e"
SIMULATED = "kubia-e2e-simulated"
CHOSEN = os.environ.get("KUBIA_TEST_CLUSTER")
"""A running cluster to test on, whose stacks the tests take down; by default one of their own."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """Lend the chosen cluster, else one for this run, with a real node."""
    if reason := packages.problem():
        pytest.skip(reason)
    if CHOSEN:
        yield local.up(CHOSEN, "real")
        return
    if reason := network.owner() or network.foreign():
        pytest.skip(f"this machine's real node is taken: {reason}")
    yield local.up(OWN, "real", Lines())
    local.down(OWN)


@pytest.fixture(scope="session")
def simulated() -> Iterator[Cluster]:
    """Lend $KUBIA_TEST_KUBECONFIG's cluster, or one for this run, with a simulated node."""
    if chosen := os.environ.get("KUBIA_TEST_KUBECONFIG"):
        current = yaml.safe_load(Path(chosen).read_text())["current-context"]
        yield Cluster(current, Path(chosen))
        return
    try:
        running = local.up(SIMULATED, "simulated")
    except KubiaError as error:
        pytest.skip(f"no cluster to test on: {error}")
    yield Cluster(running.name, running.kubeconfig)
    local.down(SIMULATED)


@pytest.fixture
def kube(cluster: LocalCluster) -> Cluster:
    """Return the cluster as a user sees it through kubectl."""
    return Cluster(cluster.name, cluster.kubeconfig)


@pytest.fixture
def project(kube: Cluster, tmp_path: Path) -> Iterator[Project]:
    """Lend a copy of the project; what it brings up goes when the test ends."""
    project = Project.copy(tmp_path / "kubia", kube)
    yield project
    project.clean()


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the test a state folder of its own; the clusters in it go with it."""
    monkeypatch.setenv("KUBIA_STATE", str(tmp_path))
    yield tmp_path
    for folder in (tmp_path / "clusters").glob("[a-z]*"):
        local.down(folder.name)


@pytest.fixture(scope="module")
def vacant_machine() -> None:
    """See that the machine has no real node: tests that break or remove one make their own."""
    if reason := packages.problem():
        pytest.skip(reason)
    local.down(OWN)
    if reason := network.owner() or network.foreign():
        pytest.skip(f"this machine's real node is in use (kubia cluster down): {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes the shared cluster away last."""
    items.sort(key=lambda item: "vacant_machine" in getattr(item, "fixturenames", ()))
