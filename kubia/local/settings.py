"""What is decided once, when a cluster is made, and kept in its cluster.json."""

import json
import socket
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias

from kubia.local import files, network
from kubia.local.paths import Layout

Nodes: TypeAlias = Literal["real", "simulated"]

_PORTS = range(20000, 30000)  # Below the NodePorts and below what the system gives to clients.
_LISTENERS = {
    "api-server": "kube-apiserver",
    "controller-manager": "kube-controller-manager",
    "scheduler": "kube-scheduler",
    "etcd": "etcd",
    "etcd-peer": "etcd",
    "kubelet": "kubelet",
    "kubelet-health": "kubelet",
    "kube-proxy-health": "kube-proxy",
    "kube-proxy-metrics": "kube-proxy",
    "coredns-ready": "coredns",
    "metrics-server": "metrics-server",
    "kwok": "kwok",
}
"""Each port, and the program that listens on it."""


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


def decide(layout: Layout, nodes: Nodes, reason: str | None) -> Settings:
    """Choose addresses and ports that are free on this machine."""
    real = nodes == "real"
    pods, services = network.free_ranges()
    address = network.gateway(pods) if real else "127.0.0.1"
    host = network.before() if real else None
    ports = _ports(layout, _LISTENERS, ())
    return Settings(layout.name, nodes, reason, address, pods, services, ports, host)


def with_free_ports(layout: Layout, settings: Settings, running: Callable[[str], bool]) -> Settings:
    """Return the settings with another port for each that has been taken by somebody else.

    It may have been decided long ago: the programs were built since, or the machine was restarted.
    Programs that are `running` have their own ports.
    """
    taken = [
        listener
        for listener, program in _LISTENERS.items()
        if not running(program) and not is_free(settings.ports[listener])
    ]
    ports = {**settings.ports, **_ports(layout, taken, settings.ports.values())}
    return replace(settings, ports=ports)


def _ports(layout: Layout, listeners: Iterable[str], used: Collection[int]) -> dict[str, int]:
    """Return a port for each, free on loopback and on every other address, and none of `used`.

    Each cluster looks from a place of its own on: two that start at the same time would otherwise
    choose the same, as a program listens only a while after its port was chosen.
    """
    start = zlib.crc32(str(layout.root).encode()) % len(_PORTS)
    turned = (*_PORTS[start:], *_PORTS[:start])
    candidates = (port for port in turned if port not in used and is_free(port))
    return dict(zip(listeners, candidates, strict=False))


def is_free(port: int) -> bool:
    """Return whether no program of this machine has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
