"""The control of the oracle: what is not quiet, or not as it should be, is found."""

import signal
import time
from pathlib import Path

from tests.operator.cluster import Cluster
from tests.operator.process import deviations
from tests.operator.quiet import QuietCheck
from tests.operator.scene import Scene


def _settled(name: str, cluster: Cluster, directory: Path) -> Scene:
    """Make a scene with one site, as a test leaves it."""
    scene = Scene(name, cluster, directory)
    namespace = scene.namespace()
    scene.start()
    namespace.source("hello")
    assert deviations(namespace, scene.proxy) == []
    return scene


def test_late_write_and_late_difference_are_found(cluster: Cluster, tmp_path: Path) -> None:
    check = QuietCheck(seconds=8)
    quiet, writing, differing = (
        _settled(name, cluster, tmp_path) for name in ("quiet", "writing", "differing")
    )
    for scene in (quiet, writing, differing):
        check.take(scene)

    time.sleep(5)
    writing.namespaces[0].delete("Service", "hello")
    differing.operators[0].signal(signal.SIGSTOP)
    differing.namespaces[0].delete("Service", "hello")

    broken = [problem.splitlines()[0] for problem in check.end()]
    service = f"/api/v1/namespaces/{writing.namespaces[0].name}/services/hello"
    assert broken[0].startswith(f"writing: after its end: wrote PATCH {service}")
    assert broken[1:] == ["differing: after its end: Service hello: is missing"]
