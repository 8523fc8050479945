"""Fixtures on a real API server: a cluster of the tests' own, or $KUBIA_TEST_KUBECONFIG's."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from kubia.local import cluster as local
from tests.operator.cluster import Cluster, Namespace
from tests.operator.process import Operator
from tests.operator.proxy import Proxy
from tests.operator.quiet import QuietCheck
from tests.operator.scene import Scene
from tests.operator.servers import NAME, Servers

pytest.register_assert_rewrite("tests.operator.history")

CHOSEN = os.environ.get("KUBIA_TEST_KUBECONFIG")
Start = Callable[..., Operator]


@pytest.fixture(scope="session", name="kubeconfig")
def _kubeconfig() -> Iterator[str]:
    """Lend a cluster with simulated nodes, for containers do not matter here."""
    if CHOSEN:
        yield CHOSEN
        return
    yield str(local.up(NAME, "simulated").kubeconfig)
    local.down(NAME)


@pytest.fixture(scope="session", name="cluster")
def _cluster(kubeconfig: str) -> Iterator[Cluster]:
    cluster = Cluster(kubeconfig)
    yield cluster
    cluster.close()


@pytest.fixture(scope="session", name="quiet_check")
def _quiet_check(cluster: Cluster) -> Iterator[QuietCheck]:
    """Watch what tests leave behind; a session in which a test was not quiet has failed."""
    del cluster  # Lives longer than what is watched on it.
    check = QuietCheck()
    yield check
    if broken := check.end():
        pytest.fail("\n".join(["not quiet for 30 s:", *broken]), pytrace=False)


@pytest.fixture(name="scene")
def _scene(
    cluster: Cluster, quiet_check: QuietCheck, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Scene]:
    """Lend a scene; watch it further if the test passes."""
    scene = Scene(request.node.nodeid, cluster, tmp_path)
    yield scene
    report = getattr(request.node, "rep_call", None)
    if report is not None and report.passed:
        quiet_check.take(scene)
    else:
        scene.close()


@pytest.fixture(name="namespace")
def _namespace(scene: Scene) -> Namespace:
    return scene.namespace()


@pytest.fixture(name="other_namespace")
def _other_namespace(namespace: Namespace, scene: Scene) -> Namespace:
    del namespace  # The first one is the operators' by default.
    return scene.namespace()


@pytest.fixture(name="proxy")
def _proxy(scene: Scene) -> Proxy:
    return scene.proxy


@pytest.fixture(name="start")
def _start(namespace: Namespace, scene: Scene) -> Start:
    """Return what starts an operator, by default for `namespace`."""
    del namespace
    return scene.start


@pytest.fixture(name="servers")
def _servers(kubeconfig: str, quiet_check: QuietCheck) -> Iterator[Servers]:
    """Lend the control plane's processes to a test that kills them, once no other is watched."""
    del kubeconfig
    if CHOSEN:
        pytest.skip("a cluster that is not the tests' own is not broken")
    quiet_check.settle()
    servers = Servers()
    yield servers
    servers.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the outcome for the scene; show its operators' last words beside a failure."""
    report = yield
    setattr(item, "rep_" + report.when, report)
    scene = getattr(item, "funcargs", {}).get("scene")
    if report.failed and report.when != "teardown" and scene:
        report.sections.append(("operators", scene.logs()))
    return report
