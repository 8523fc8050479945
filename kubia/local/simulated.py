"""A simulated node: KWOK says that its pods run, but nothing does."""

import http.client
from pathlib import Path

from kubia.errors import KubiaError
from kubia.local import api, deadline, processes
from kubia.local.paths import Layout
from kubia.local.processes import Program
from kubia.local.settings import Settings

PROGRAMS = ("kwok",)
_TIMEOUT = 60.0  # Seconds until the node is Ready; it takes about 2.
_CAPACITY = {"cpu": "64", "memory": "256Gi", "pods": "10000"}


def start(layout: Layout, settings: Settings, tools: Path) -> list[str]:
    """Start KWOK unless it runs, and make the node; return the names of what was started.

    Raises:
        KubiaError: the node cannot be made, or is not ready in time.

    """
    port = settings.ports["kwok"]
    argv = (
        f"{tools}/kwok",
        f"--kubeconfig={layout.kubeconfig}",
        f"--config={tools}/kwok-stages.yaml",
        "--manage-all-nodes=true",
        "--node-ip=127.0.0.1",
        f"--node-port={port}",
        f"--server-address=127.0.0.1:{port}",
        "--node-lease-duration-seconds=40",
    )
    started = processes.ensure(layout.processes, Program("kwok", argv))
    _make_node(layout, settings)
    deadline.until(
        "the simulated node is ready",
        lambda: api.nodes(layout, settings).get(settings.node, False),
        _TIMEOUT,
        lambda: processes.failure(layout.processes, PROGRAMS),
    )
    return ["kwok"] if started else []


def _make_node(layout: Layout, settings: Settings) -> None:
    if settings.node in api.nodes(layout, settings):
        return
    labels = {"kubernetes.io/hostname": settings.node, "kubernetes.io/os": "linux"}
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": settings.node,
            "labels": labels,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "status": {"allocatable": _CAPACITY, "capacity": _CAPACITY},
    }
    status, answer = api.request(layout, settings, "POST", "/api/v1/nodes", node)
    if status != http.client.CREATED:
        message = f"the simulated node could not be made: {answer}"
        raise KubiaError(message)
