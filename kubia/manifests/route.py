"""An HTTPRoute of the Gateway API: hosts and paths of a Gateway that lead to the Service.

It names the Service and no pods, so it follows every strategy; a canary with a weight has a Service
of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.addresses import host_problems, path_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import namespace_problems, subdomain_problems
from kubia.manifests.ports import HTTP, References
from kubia.manifests.probes import HIGHEST_PORT
from kubia.manifests.strategies import CANARY
from kubia.manifests.values import Int, Leaf, Object, Spec, within, without_none

API_VERSION = "gateway.networking.k8s.io/v1"
KIND = "HTTPRoute"
_ALL = 100  # per cent
_DURATION = re.compile(r"([0-9]{1,5}(h|m|s|ms)){1,4}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}")

Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]


@dataclass(frozen=True, kw_only=True)
class ParentRef(Spec):
    """A Gateway that takes the requests."""

    name: Leaf
    """Its name."""
    namespace: Leaf | None = None
    """Its namespace; the route's own if unset."""
    section_name: str | None = None
    """Name of one of its listeners; all that let the route in if unset."""
    port: Int | None = None
    """Port of its listeners; any if unset."""

    def __post_init__(self) -> None:
        """Check the names and the port."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if isinstance(self.name, str):
            yield from subdomain_problems("name", self.name)
        if isinstance(self.namespace, str):
            yield from namespace_problems("namespace", self.namespace)
        if self.section_name is not None:
            yield from subdomain_problems("sectionName", self.section_name)
        if self.port is not None:
            yield from within("port", self.port, 1, HIGHEST_PORT)

    def manifest(self) -> Object:
        """Return it as a route holds it."""
        return without_none(
            {
                "group": API_VERSION.partition("/")[0],
                "kind": "Gateway",
                "name": self.name,
                "namespace": self.namespace,
                "sectionName": self.section_name,
                "port": self.port,
            }
        )


@dataclass(frozen=True, kw_only=True)
class RoutePath(Spec):
    """A path that matches."""

    type: Literal["PathPrefix", "Exact", "RegularExpression"] = "PathPrefix"
    """PathPrefix, Exact or RegularExpression."""
    value: str = "/"
    """The path."""

    def __post_init__(self) -> None:
        """Check the path; an expression is its gateway's own language."""
        if self.type != "RegularExpression":
            refuse(path_problems(("value",), self.value))


@dataclass(frozen=True, kw_only=True)
class RouteHeader(Spec):
    """A header that matches."""

    name: str
    """Its name."""
    value: str
    """Its value, or an expression of it."""
    type: Literal["Exact", "RegularExpression"] = "Exact"
    """Exact or RegularExpression."""

    def __post_init__(self) -> None:
        """Check the name."""
        if not _HEADER.fullmatch(self.name):
            text = f"is {self.name!r}; must be the name of a header, such as X-Version"
            refuse([Problem(("name",), text)])


@dataclass(frozen=True, kw_only=True)
class RouteMatch(Spec):
    """Requests that match: all that is given has to."""

    path: RoutePath = RoutePath()
    """Their path; any if unset."""
    headers: Sequence[RouteHeader] = ()
    """Headers that they have."""
    method: Method | None = None
    """Their method; any if unset."""

    def manifest(self) -> Object:
        """Return it as a route holds it."""
        headers = [{"type": it.type, "name": it.name, "value": it.value} for it in self.headers]
        return without_none(
            {
                "path": {"type": self.path.type, "value": self.path.value},
                "headers": headers or None,
                "method": self.method,
            }
        )


@dataclass(frozen=True, kw_only=True)
class RouteTimeouts(Spec):
    """How long a request may take, as the Gateway API writes it: 10s, 1m30s, 500ms; 0s is ever."""

    request: str | None = None
    """Of the whole request, as its client sees it; the gateway's own if unset."""
    backend_request: str | None = None
    """Of each request to a pod; at most `request`; the gateway's own if unset."""

    def __post_init__(self) -> None:
        """Check the durations."""
        refuse(
            Problem((name,), f"is {text!r}; must be a duration such as 10s, 1m30s or 500ms")
            for name, text in (("request", self.request), ("backendRequest", self.backend_request))
            if text is not None and not _DURATION.fullmatch(text)
        )

    def manifest(self) -> Object:
        """Return them as a route holds them."""
        return without_none({"request": self.request, "backendRequest": self.backend_request})


@dataclass(frozen=True, kw_only=True)
class Route(Spec):
    """How a Gateway leads to the Service."""

    parent_refs: Sequence[ParentRef]
    """The Gateways."""
    hostnames: Sequence[str] = ()
    """Hosts, such as `shop.example.org` or `*.example.org`; the listeners' own if empty."""
    matches: Sequence[RouteMatch] = ()
    """Requests that match any of these; all if empty."""
    port: str = HTTP
    """Name of the port that it leads to."""
    timeouts: RouteTimeouts | None = None
    """How long a request may take."""

    def __post_init__(self) -> None:
        """Check the hosts, and that there is a Gateway."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.parent_refs:
            yield Problem(("parentRefs",), "is empty; name a Gateway")
        for index, host in enumerate(self.hostnames):
            yield from host_problems(("hostnames", index), host)

    def references(self) -> References:
        """Yield the names of ports."""
        yield ("route", "port"), self.port


def http_route(
    meta: Meta, spec: Route, service_port: int, canary_weight: int | None = None
) -> Object:
    """Return the HTTPRoute to the Service's port; a canary's Service gets its weight of 100."""
    weights: dict[str, int | None] = {meta.name: None}
    if canary_weight is not None:
        canary = replace(meta, variant=CANARY).instance
        weights = {meta.name: _ALL - canary_weight, canary: canary_weight}
    rule = {
        "matches": [match.manifest() for match in spec.matches] or None,
        "backendRefs": [_backend(name, service_port, each) for name, each in weights.items()],
        "timeouts": spec.timeouts.manifest() if spec.timeouts else None,
    }
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": meta.metadata(),
        "spec": without_none(
            {
                "parentRefs": [parent.manifest() for parent in spec.parent_refs],
                "hostnames": list(spec.hostnames) or None,
                "rules": [without_none(rule)],
            }
        ),
    }


def _backend(service: str, port: int, weight: int | None) -> Object:
    target: Object = {"group": "", "kind": "Service", "name": service, "port": port}
    return without_none({**target, "weight": weight})
