"""The local cluster heals, keeps to itself, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kubia.errors import KubiaError
from kubia.local import (
    cgroups,
    cleanup,
    control_plane,
    deadline,
    network,
    node,
    paths,
    processes,
)
from kubia.local import cluster as local
from kubia.local.cluster import LocalCluster

pytestmark = pytest.mark.e2e

LAST = "kubia-last"
PAGE = "http://127.0.0.1:31999/"


def kubectl(cluster: LocalCluster, *words: str, text: str | None = None) -> str:
    command = ["kubectl", "--kubeconfig", str(cluster.kubeconfig), *words]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


def site(namespace: str) -> str:
    """Return a namespace with a kubia behind a NodePort."""
    labels = {"app": "kubia"}
    container = {
        "name": "main",
        "image": "kubia:v1",
        "imagePullPolicy": "IfNotPresent",
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1},
    }
    pod = {"containers": [container], "terminationGracePeriodSeconds": 1}
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "kubia", "namespace": namespace},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kubia", "namespace": namespace},
            "spec": {
                "type": "NodePort",
                "selector": labels,
                "ports": [{"port": 80, "targetPort": 8080, "nodePort": 31999}],
            },
        },
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def deploy(cluster: LocalCluster, namespace: str) -> None:
    kubectl(cluster, "apply", "--server-side", "-f", "-", text=site(namespace))
    rollout = ("-n", namespace, "rollout", "status", "deployment/kubia", "--timeout=90s")
    kubectl(cluster, *rollout)


def page() -> str:
    """Return what the NodePort serves; empty if nothing."""
    try:
        with urllib.request.urlopen(PAGE, timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def eventually(what: str, reached: Callable[[], bool], seconds: float = 60) -> None:
    deadline.until(what, reached, seconds)


def kill(name: str, program: str) -> None:
    """End a process as a crash would."""
    record = processes.read(paths.layout(name).processes, program)
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    eventually(f"{program} is dead", lambda: not record.alive, 10)


# --- the shared cluster ---------------------------------------------------------------------


def test_a_second_up_only_looks(cluster: LocalCluster) -> None:
    start = time.monotonic()

    assert local.up(cluster.name) == cluster
    assert time.monotonic() - start < 2


def test_the_kubeconfig_has_the_cluster_as_its_current_context(cluster: LocalCluster) -> None:
    assert kubectl(cluster, "config", "current-context").strip() == cluster.context == cluster.name


def test_nothing_listens_beyond_loopback_and_the_pods_network(cluster: LocalCluster) -> None:
    layout = paths.layout(cluster.name)
    records = [processes.read(layout.processes, each) for each in processes.names(layout.processes)]
    ours = {record.pid for record in records if record}
    sockets = subprocess.run(
        ["ss", "-Hltnup"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    addresses = {
        line.split()[4].rpartition(":")[0]
        for line in sockets
        if ours & {int(pid) for pid in re.findall(r"pid=(\d+)", line)}
    }

    server = kubectl(cluster, "config", "view", "-o", "jsonpath={.clusters[0].cluster.server}")
    gateway = server.removeprefix("https://").rpartition(":")[0]
    assert addresses == {"127.0.0.1", gateway}
    devices = json.loads(subprocess.check_output(["ip", "-json", "address"]))
    carriers = [
        device["ifname"]
        for device in devices
        if gateway in [each.get("local") for each in device["addr_info"]]
    ]
    assert [each for each in carriers if not each.startswith("veth")] == [network.DEVICE]


def test_services_have_names_and_pods_reach_the_api_server(cluster: LocalCluster) -> None:
    namespace = "e2e-names"
    deploy(cluster, namespace)
    code = (
        "import socket, ssl, urllib.request as u;"
        f"print(u.urlopen('http://kubia.{namespace}.svc.cluster.local').read().decode().strip());"
        "ca = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';"
        "c = ssl.create_default_context(cafile=ca);"
        "print(u.urlopen('https://kubernetes.default.svc/version', context=c).status)"
    )
    try:
        said = kubectl(
            cluster, "-n", namespace, "exec", "deploy/kubia", "--", "python3", "-c", code
        )
        text, status = said.splitlines()

        assert text.startswith("This is v1 running in pod kubia-")
        assert status == "200"
        assert page().startswith("This is v1 running in pod kubia-")
        logged = kubectl(cluster, "-n", namespace, "logs", "deploy/kubia", "--all-pods=true")
        assert "Received request from 10." in logged
    finally:
        kubectl(cluster, "delete", "namespace", namespace)


def test_pod_security_is_enforced(cluster: LocalCluster) -> None:
    namespace = "e2e-restricted"
    kubectl(cluster, "create", "namespace", namespace)
    try:
        level = "pod-security.kubernetes.io/enforce=restricted"
        kubectl(cluster, "label", "namespace", namespace, level)
        with pytest.raises(AssertionError, match='violates PodSecurity "restricted:latest"'):
            kubectl(cluster, "-n", namespace, "run", "naked", "--image=kubia:v1")
    finally:
        kubectl(cluster, "delete", "namespace", namespace)


@pytest.mark.usefixtures("cluster", "own_state")
def test_a_second_cluster_is_told_why_its_node_is_simulated() -> None:
    with pytest.raises(KubiaError, match="this machine has one real node, and the cluster in"):
        local.up("e2e-other", "real")

    other = local.up("e2e-other")

    assert other.nodes == "simulated"
    assert other.reason is not None
    assert local.status("e2e-other").ready


# --- a real node of the test's own ----------------------------------------------------------


@dataclass(frozen=True)
class Machine:
    """What a real node could leave behind, as sets that can be compared."""

    processes: set[str]
    mounts: set[str]
    devices: set[str]
    namespaces: set[str]
    routes: set[str]
    rules: set[str]
    cgroups: set[str]
    files: set[str]
    sysctls: dict[str, str]


def machine() -> Machine:
    return Machine(
        processes=_processes(),
        mounts=set(cleanup.mounts(Path("/"))),
        devices={path.name for path in Path("/sys/class/net").iterdir()},
        namespaces=set(_links("/proc/[0-9]*/ns/net")) | set(_names("/run/netns")),
        routes=_routes(),
        rules=_rules(),
        cgroups={
            str(path)
            for name in (cgroups.name(LAST), "kubepods")
            for pattern in (name, f"*/{name}")
            for path in Path("/sys/fs/cgroup").glob(pattern)
        },
        files={
            name
            for folder in ("/etc", "/opt", "/run", "/var/lib", "/var/log")
            for name in _names(folder)
        }
        | {name for name in _names(str(paths.state())) if LAST in name},
        sysctls=_sysctls(),
    )


def _processes() -> set[str]:
    """Those that run a program of the cluster, or in a pod."""
    commands = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            contained = cgroups.name(LAST) in (folder / "cgroup").read_text()
        except OSError:
            continue
        if command and (contained or LAST in command):  # A dead one has no command.
            commands.add(f"{folder.name} {command}")
    return commands


def _links(pattern: str) -> Iterator[str]:
    for path in Path("/").glob(pattern.lstrip("/")):
        try:
            yield str(path.readlink())
        except OSError:
            continue


def _names(folder: str) -> Iterator[str]:
    """Return what is in a folder and in its folders."""
    for pattern in ("*", "*/*"):
        yield from (str(path) for path in Path(folder).glob(pattern))


def _routes() -> set[str]:
    return set(subprocess.check_output(["ip", "-4", "route", "show"], text=True).splitlines())


def _rules() -> set[str]:
    return {
        f"{family} {line}"
        for family in ("iptables", "ip6tables")
        for line in subprocess.check_output([f"{family}-save"], text=True).splitlines()
        if line.startswith("-A") or re.match(r":\S+ -", line)
    }


def _sysctls() -> dict[str, str]:
    """Every kernel setting that can be written; a setting changes only if somebody sets it."""
    values = {}
    for folder in ("kernel", "net", "vm"):
        for path in Path("/proc/sys", folder).rglob("*"):
            if path.is_file() and path.stat().st_mode & 0o200:
                try:
                    values[str(path)] = path.read_text()
                except (OSError, UnicodeDecodeError):
                    continue
    return {name: value for name, value in values.items() if "ns_last_pid" not in name}


@pytest.mark.usefixtures("vacant_machine")
def test_a_real_cluster_heals_from_any_loss_and_leaves_nothing_behind() -> None:
    before = machine()
    start = time.monotonic()
    cluster = local.up(LAST, "real")
    assert time.monotonic() - start < 60
    deploy(cluster, "healing")
    eventually("the page is served", lambda: page() != "")

    programs = (*control_plane.PROGRAMS, *node.PROGRAMS)
    for lost in (*((program,) for program in programs), programs):
        for program in lost:
            kill(LAST, program)
        assert not local.status(LAST).ready
        local.up(LAST)
        assert local.status(LAST).ready, lost
        eventually(f"a page is served after {lost} were killed", lambda: page() != "")
        restart = ("rollout", "restart", "deployment/kubia")
        kubectl(cluster, "-n", "healing", *restart)
        deploy(cluster, "healing")

    kill(LAST, "containerd")  # Nothing may depend on its help.
    local.down(LAST)
    after = machine()
    assert after.processes == set()
    assert after.mounts - before.mounts == set()
    assert after.devices == before.devices
    assert after.namespaces - before.namespaces == set()
    assert after.routes == before.routes
    assert after.rules == before.rules
    assert after.cgroups == before.cgroups
    assert after.files - before.files == set()
    assert after.sysctls == before.sysctls
