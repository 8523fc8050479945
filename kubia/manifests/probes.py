"""Probes: how the kubelet asks a container whether it is ready, or alive."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.values import Int, Object, Spec, at_least, one_of, within, written

HIGHEST_PORT = 65535
_WAYS = ("httpGet", "tcpSocket", "exec", "grpc")
_HEADER = re.compile("[-A-Za-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class HttpHeader(Spec):
    """A header of a request."""

    name: str
    """Its name."""
    value: str
    """Its value."""

    def __post_init__(self) -> None:
        """Check the name."""
        if not _HEADER.fullmatch(self.name):
            text = f"is {self.name!r}; must be a header's name: letters, digits and '-'"
            refuse([Problem(("name",), text)])


@dataclass(frozen=True, kw_only=True)
class HttpGet(Spec):
    """Asks over HTTP; a status from 200 to 399 passes."""

    path: str = "/"
    """Path to get."""
    port: Int | None = None
    """Container port; the container's own when unset."""
    scheme: Literal["HTTP", "HTTPS"] | None = None
    """HTTP or HTTPS, whose certificate is not checked; HTTP if unset."""
    host: str | None = None
    """Host to connect to; the pod's own address if unset. A server that answers by name takes the
    header Host instead."""
    http_headers: Sequence[HttpHeader] = ()
    """Headers of the request."""

    def __post_init__(self) -> None:
        """Check the path and the port."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.path.startswith("/"):
            yield Problem(("path",), f"is {self.path!r}; must begin with '/'")
        yield from _port_problems(self.port)


@dataclass(frozen=True, kw_only=True)
class TcpSocket(Spec):
    """Opens a connection; being accepted passes."""

    port: Int | None = None
    """Container port; the container's own when unset."""

    host: str | None = None
    """Host to connect to; the pod's own address if unset."""

    def __post_init__(self) -> None:
        """Check the port."""
        refuse(_port_problems(self.port))


@dataclass(frozen=True, kw_only=True)
class Grpc(Spec):
    """Asks by gRPC's health checking protocol; SERVING passes."""

    port: Int | None = None
    """Container port; the container's own when unset."""
    service: str | None = None
    """The service that is asked about; the whole server if unset."""

    def __post_init__(self) -> None:
        """Check the port."""
        refuse(_port_problems(self.port))


@dataclass(frozen=True, kw_only=True)
class Exec(Spec):
    """Runs a command in the container; exit code 0 passes."""

    command: Sequence[str]
    """The command and its arguments; no shell."""

    def __post_init__(self) -> None:
        """Check that there is a command."""
        if not self.command:
            refuse([Problem(("command",), "is empty; name the program to run")])


@dataclass(frozen=True, kw_only=True)
class Probe(Spec):
    """One of four ways to ask, and how often."""

    http_get: HttpGet | None = None
    """Ask over HTTP."""
    tcp_socket: TcpSocket | None = None
    """Open a connection."""
    exec: Exec | None = None
    """Run a command."""
    grpc: Grpc | None = None
    """Ask by gRPC's health checking protocol."""
    initial_delay_seconds: Int = 0
    """Seconds from the container's start to the first probe."""
    period_seconds: Int = 5
    """Seconds between probes."""
    timeout_seconds: Int = 2
    """Seconds after which an unanswered probe has failed."""
    failure_threshold: Int = 3
    """Failures in a row after which the container counts as unready, or is restarted."""
    success_threshold: Int = 1
    """Successes in a row after which an unready container counts as ready; for readiness only. More
    than one lets the probe, and no user, meet what fails after a few requests."""

    def __post_init__(self) -> None:
        """Check that exactly one way is chosen, and the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from one_of(self, *_WAYS)
        yield from at_least("initialDelaySeconds", self.initial_delay_seconds, 0, " s")
        yield from at_least("periodSeconds", self.period_seconds, 1, " s")
        yield from at_least("timeoutSeconds", self.timeout_seconds, 1, " s")
        yield from at_least("failureThreshold", self.failure_threshold, 1)
        yield from at_least("successThreshold", self.success_threshold, 1)

    def manifest(self, container_port: int) -> Object:
        """Return the probe as a container holds it."""
        return {
            **self._way(container_port),
            "initialDelaySeconds": self.initial_delay_seconds,
            "periodSeconds": self.period_seconds,
            "timeoutSeconds": self.timeout_seconds,
            "failureThreshold": self.failure_threshold,
            "successThreshold": self.success_threshold,
        }

    def _way(self, container_port: int) -> Object:
        given: Object = {}
        for name, way in written(self).items():
            if name in _WAYS:
                own = {} if name == "exec" else {"port": container_port}
                given[name] = {**own, **way}
        return given

    @property
    def needs_port(self) -> bool:
        """Whether it asks at the container's own port, having none itself."""
        way = self.http_get or self.tcp_socket or self.grpc
        return way is not None and way.port is None

    @property
    def longest_seconds(self) -> int:
        """Seconds until it has failed for good: what a container may take to start."""
        return self.initial_delay_seconds + self.failure_threshold * self.period_seconds


def once_problems(field: str, probe: Probe | None) -> Iterator[Problem]:
    """Yield the problem of a probe other than readiness that is to pass several times in a row."""
    if probe is not None and probe.success_threshold != 1:
        text = f"is {probe.success_threshold}; must be 1, only readiness can have more"
        yield Problem((field, "successThreshold"), text)


def _port_problems(port: int | None) -> Iterator[Problem]:
    if port is not None:
        yield from within("port", port, 1, HIGHEST_PORT)
