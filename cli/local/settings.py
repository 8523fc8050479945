"""What is decided once, when a cluster is made, and kept in its cluster.json."""

import json
import socket
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from cli.local import files, network
from cli.local.paths import Layout

Nodes: TypeAlias = Literal["real", "simulated"]

_PORTS = range(20000, 30000)  # Below the NodePorts and below what the system gives to clients.
_LISTENERS = (
    "api-server",
    "controller-manager",
    "scheduler",
    "etcd",
    "etcd-peer",
    "kubelet",
    "kubelet-health",
    "kube-proxy-health",
    "kube-proxy-metrics",
    "coredns-ready",
    "kwok",
)


@dataclass(frozen=True)
class Settings:
    """The decisions; a cluster that is started again keeps them."""

    name: str
    nodes: Nodes
    reason: str | None
    """Why the nodes are simulated although real ones would have been taken."""
    address: str
    """Where the API server listens: on the pods' network, so that pods reach it, or loopback."""
    pods: str
    """The pods' addresses."""
    services: str
    """The Services' addresses: a /16, for 65,000 Services."""
    ports: dict[str, int]
    host: network.Before | None = None
    """How the machine was before the real node changed it; None with simulated nodes."""

    @property
    def node(self) -> str:
        """The name of the node."""
        return f"{self.name}-node"

    @property
    def server(self) -> str:
        """The API server's URL."""
        return f"https://{self.address}:{self.ports['api-server']}"


def read(layout: Layout) -> Settings | None:
    """Return the settings of a cluster; None if there is no such cluster."""
    try:
        fields = json.loads(layout.settings.read_text())
    except FileNotFoundError:
        return None
    host = fields.pop("host")
    return Settings(**fields, host=network.Before(**host) if host else None)


def write(layout: Layout, settings: Settings) -> None:
    """Keep the settings; a reader sees all of them or none."""
    layout.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write_json(layout.settings, asdict(settings))


def decide(name: str, nodes: Nodes, reason: str | None) -> Settings:
    """Choose addresses and ports that are free on this machine."""
    real = nodes == "real"
    pods, services = network.free_ranges()
    address = network.gateway(pods) if real else "127.0.0.1"
    host = network.before() if real else None
    return Settings(name, nodes, reason, address, pods, services, _free_ports(), host)


def _free_ports() -> dict[str, int]:
    """Return a port for every listener, free on loopback and on every other address."""
    free: dict[str, int] = {}
    candidates = iter(_PORTS)
    for listener in _LISTENERS:
        free[listener] = next(port for port in candidates if _is_free(port))
    return free


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
