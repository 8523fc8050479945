"""Probes: how a container is asked whether it has started, is ready, or alive."""

from enum import Enum
from typing import NotRequired, TypedDict


class ProbeScheme(str, Enum):
    """Which HTTP is asked."""

    Http = "HTTP"
    """Plain HTTP."""
    Https = "HTTPS"
    """HTTP over TLS, whose certificate is not checked."""


class HttpHeaderArgs(TypedDict):
    """A header of a request."""

    name: str
    """Its name."""
    value: str
    """Its value."""


class HttpGetArgs(TypedDict):
    """Asks over HTTP; a status from 200 to 399 passes."""

    path: NotRequired[str]
    """Path to get. Default: /."""
    port: NotRequired[int]
    """Container port. Default: the container's own."""
    scheme: NotRequired[ProbeScheme]
    """HTTP or HTTPS, whose certificate is not checked. Default: HTTP."""
    host: NotRequired[str]
    """Host to connect to; Pod Security allows another than the pod at level privileged alone.
    Default: the pod's address."""
    http_headers: NotRequired[list[HttpHeaderArgs]]
    """Headers of the request, Host among them. Default: none."""


class TcpSocketArgs(TypedDict):
    """Opens a connection; being accepted passes."""

    port: NotRequired[int]
    """Container port. Default: the container's own."""
    host: NotRequired[str]
    """Host to connect to; Pod Security allows another than the pod at level privileged alone.
    Default: the pod's address."""


class ExecArgs(TypedDict):
    """Runs a command in the container; exit code 0 passes."""

    command: list[str]
    """The command and its arguments; no shell."""


class GrpcArgs(TypedDict):
    """Asks by gRPC's health checking protocol; SERVING passes."""

    port: NotRequired[int]
    """Container port. Default: the container's own."""
    service: NotRequired[str]
    """The service that is asked about. Default: the whole server."""


class ProbeArgs(TypedDict):
    """One of four ways to ask a container (httpGet, tcpSocket, exec, grpc), and how often."""

    http_get: NotRequired[HttpGetArgs]
    """Ask over HTTP."""
    tcp_socket: NotRequired[TcpSocketArgs]
    """Open a connection."""
    exec: NotRequired[ExecArgs]
    """Run a command."""
    grpc: NotRequired[GrpcArgs]
    """Ask by gRPC's health checking protocol."""
    initial_delay_seconds: NotRequired[int]
    """Seconds from the container's start to the first probe. Default: 0."""
    period_seconds: NotRequired[int]
    """Seconds between probes. Default: 5."""
    timeout_seconds: NotRequired[int]
    """Seconds after which an unanswered probe has failed. Default: 2."""
    failure_threshold: NotRequired[int]
    """Failures in a row after which the container is unready, or restarted. Default: 3."""
    success_threshold: NotRequired[int]
    """Successes in a row after which it is ready; for readiness only. Default: 1."""
