"""The ports of a web service beside its main one, which is called `http`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.addresses import Place
from kubia.manifests.names import qualified_problems
from kubia.manifests.probes import HIGHEST_PORT
from kubia.manifests.values import Int, Object, Spec, within, without_none

HTTP = "http"
"""Name of the main port."""
Protocol = Literal["TCP", "UDP", "SCTP"]
References = Iterator[tuple[Place, str]]
"""Where a port is named, and its name."""
_LONGEST = 15
_NAME = re.compile(r"(?=[0-9-]*[a-z])[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Port(Spec):
    """A port of the container and of the Service."""

    port: Int
    """Port that the container listens on."""
    service_port: Int | None = None
    """Port of the Service; the container's own if unset."""
    protocol: Protocol = "TCP"
    """TCP, UDP or SCTP."""
    app_protocol: str | None = None
    """What is spoken, such as `kubernetes.io/h2c`, for meshes and gateways; none if unset."""
    node_port: Int | None = None
    """Port on every node, for a Service of type NodePort; the server chooses one if unset."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from within("port", self.port, 1, HIGHEST_PORT)
        if self.service_port is not None:
            yield from within("servicePort", self.service_port, 1, HIGHEST_PORT)
        if self.node_port is not None:
            yield from within("nodePort", self.node_port, 1, HIGHEST_PORT)
        if self.app_protocol is not None:
            yield from qualified_problems(("appProtocol",), self.app_protocol, "a protocol")

    @property
    def of_service(self) -> int:
        """The Service's port."""
        return self.port if self.service_port is None else self.service_port


def problems(ports: Mapping[str, Port], main: Port, service_type: str) -> Iterator[Problem]:
    """Yield what is wrong with names, and which ports are given twice; `main` is that of `http`."""
    for name, port in ports.items():
        yield from _name_problems(name)
        if port.node_port is not None and service_type == "ClusterIP":
            text = f"is {port.node_port}, but serviceType is ClusterIP; use NodePort"
            yield Problem(("ports", name, "nodePort"), text, ("serviceType",))
    for field, key in (("port", "port"), ("servicePort", "of_service"), ("nodePort", "node_port")):
        taken: dict[tuple[int, str], str] = {}
        for name, port in {HTTP: main, **ports}.items():
            number = getattr(port, key)
            other = taken.setdefault((number, port.protocol), name)
            if number is not None and other != name:
                text = f"is {number} ({port.protocol}), as that of {other}; give each its own"
                yield Problem(("ports", name, field), text, ("port", "servicePort", "nodePort"))


def _name_problems(name: str) -> Iterator[Problem]:
    if name == HTTP:
        text = "is the main port's name; give that by port, servicePort and nodePort"
        yield Problem(("ports", name), text)
    elif len(name) > _LONGEST or not _NAME.fullmatch(name):
        yield Problem(
            ("ports",),
            f"{name!r} is not a port's name; use at most {_LONGEST} lower-case letters, digits and "
            "single '-' between them, with a letter among them",
        )


def reference_problems(ports: Mapping[str, Port], references: References) -> Iterator[Problem]:
    """Yield which names are none of a port that speaks TCP."""
    known = [HTTP, *ports]
    for place, name in references:
        if name not in known:
            text = f"is {name!r}; must be the name of a port: {', '.join(known)}"
            yield Problem(place, text, ("ports",))
        elif name != HTTP and ports[name].protocol != "TCP":
            text = f"is {name!r}, a port of {ports[name].protocol}; must be one of TCP"
            yield Problem(place, text, ("ports",))


def of_container(ports: Mapping[str, Port]) -> Sequence[Object]:
    """Return the ports as a container holds them."""
    return [
        {"name": name, "containerPort": port.port, "protocol": port.protocol}
        for name, port in sorted(ports.items())
    ]


def of_service(ports: Mapping[str, Port]) -> Sequence[Object]:
    """Return the ports as a Service holds them."""
    return [
        without_none(
            {
                "name": name,
                "port": port.of_service,
                "targetPort": name,
                "protocol": port.protocol,
                "appProtocol": port.app_protocol,
                "nodePort": port.node_port,
            }
        )
        for name, port in sorted(ports.items())
    ]
