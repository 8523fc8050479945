"""Local clusters on simulated nodes, which any machine can run several of."""

import contextlib
import json
import socket
import subprocess
from pathlib import Path

import pytest

from kubia.local import cluster as local
from kubia.local import control_plane, paths, processes, settings, simulated
from tests.e2e.test_cluster import deploy, kill, kubectl

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("own_state")
def test_two_clusters_do_not_know_each_other() -> None:
    one, two = local.up("e2e-one", "simulated"), local.up("e2e-two", "simulated")
    kubectl(one, "create", "namespace", "only-here")

    assert "only-here" not in kubectl(two, "get", "namespaces")
    local.down("e2e-one")
    assert not local.status("e2e-one").exists
    assert local.status("e2e-two").ready


@pytest.mark.usefixtures("own_state")
def test_simulated_pods_become_ready() -> None:
    cluster = local.up("e2e-pods", "simulated")
    deploy(cluster, "demo")

    assert kubectl(cluster, "-n", "demo", "get", "pods").count("Running") == 2


def test_a_simulated_cluster_heals_from_the_loss_of_any_process(own_state: Path) -> None:
    cluster = local.up("e2e-heal", "simulated")
    for program in (*control_plane.PROGRAMS, *simulated.PROGRAMS):
        kill("e2e-heal", program)
        assert not local.status("e2e-heal").processes[program]

        local.up("e2e-heal")

        assert local.status("e2e-heal").ready, program
        deploy(cluster, f"after-{program}")
        kubectl(cluster, "-n", f"after-{program}", "delete", "service/kubia")
    local.down("e2e-heal")
    assert not own_state.exists()


@pytest.mark.usefixtures("own_state")
def test_a_port_that_somebody_took_meanwhile_is_left_to_him() -> None:
    local.up("e2e-port", "simulated")
    layout = paths.layout("e2e-port")
    chosen = settings.read(layout)
    assert chosen is not None
    processes.kill(layout.processes, processes.names(layout.processes))
    with contextlib.ExitStack() as held:
        for listener in ("api-server", "etcd"):
            held.enter_context(socket.create_server(("127.0.0.1", chosen.ports[listener])))

        cluster = local.up("e2e-port")

        assert local.status("e2e-port").ready
        assert "kube-system" in kubectl(cluster, "get", "namespaces")


@pytest.mark.usefixtures("own_state")
def test_a_recycled_process_id_is_not_killed() -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        local.up("e2e-pid", "simulated")
        folder = paths.layout("e2e-pid").processes
        kill("e2e-pid", "kwok")
        record = json.loads((folder / "kwok.json").read_text())
        (folder / "kwok.json").write_text(json.dumps(record | {"pid": bystander.pid}))

        local.down("e2e-pid")

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
