"""Probes: how the kubelet asks a container whether it is ready, or alive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kubia.errors import Problem, refuse
from kubia.manifests.values import Int, Object, Spec, at_least, within

HIGHEST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class HttpGet(Spec):
    """Asks over HTTP; a status from 200 to 399 passes."""

    path: str = "/"
    """Path to get."""
    port: Int | None = None
    """Container port; the container's own when unset."""

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
    """One of three ways to ask, and how often."""

    http_get: HttpGet | None = None
    """Ask over HTTP."""
    tcp_socket: TcpSocket | None = None
    """Open a connection."""
    exec: Exec | None = None
    """Run a command."""
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
        ways = {"httpGet": self.http_get, "tcpSocket": self.tcp_socket, "exec": self.exec}
        chosen = [name for name, way in ways.items() if way is not None]
        if len(chosen) != 1:
            given = " and ".join(chosen) or "none"
            text = f"has {given}; give exactly one of httpGet, tcpSocket, exec"
            yield Problem((), text, tuple(ways))
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
        if self.http_get is not None:
            port = self.http_get.port or container_port
            return {"httpGet": {"path": self.http_get.path, "port": port}}
        if self.tcp_socket is not None:
            return {"tcpSocket": {"port": self.tcp_socket.port or container_port}}
        assert self.exec is not None  # noqa: S101 - one of the three is set, see _problems
        return {"exec": {"command": list(self.exec.command)}}


def _port_problems(port: int | None) -> Iterator[Problem]:
    if port is not None:
        yield from within("port", port, 1, HIGHEST_PORT)
