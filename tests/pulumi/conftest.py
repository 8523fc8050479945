"""What tests under Pulumi's own CLI share: a cluster, and a copy of the project."""

import os
from collections.abc import Iterator

import pytest

from kubia.errors import KubiaError
from kubia.local import cluster as local
from tests.e2e.harness import Cluster
from tests.pulumi import refusing
from tests.pulumi.project import Project

NAME = f"kubia-pulumi{os.environ.get('PYTEST_XDIST_WORKER', '').replace('gw', '-')}"


@pytest.fixture(name="cluster", scope="module")
def _cluster() -> Iterator[Cluster]:
    """Lend a cluster of its own, with a simulated node, that may be told to refuse an object."""
    try:
        running = local.up(NAME, "simulated")
    except KubiaError as error:
        pytest.skip(f"no cluster to test on: {error}")
    cluster = Cluster(running.name, running.kubeconfig)
    refusing.prepare(cluster)
    yield cluster
    local.down(NAME)


@pytest.fixture(name="project", scope="module")
def _project(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.make(tmp_path_factory.mktemp("pulumi") / "kubia", cluster.environment)
