"""An Ingress: hosts and paths of the world that lead to the Service.

It names the Service and no pods, so it follows every strategy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests import workloads
from kubia.manifests.addresses import host_problems, path_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import annotations_problems, subdomain_problems
from kubia.manifests.ports import HTTP, References
from kubia.manifests.values import Leaf, Object, Spec, without_none


@dataclass(frozen=True, kw_only=True)
class IngressPath(Spec):
    """A path, and the port that it leads to."""

    path: str = "/"
    """Path of requests."""
    path_type: Literal["Prefix", "Exact", "ImplementationSpecific"] = "Prefix"
    """Whether paths below it match too, step by step: Prefix, Exact, or as the controller likes."""
    port: str = HTTP
    """Name of the port that it leads to."""

    def __post_init__(self) -> None:
        """Check the path."""
        refuse(path_problems(("path",), self.path))


@dataclass(frozen=True, kw_only=True)
class IngressTls(Spec):
    """A certificate, and the hosts that it is for."""

    secret_name: Leaf | None = None
    """Name of the Secret with certificate and key; the controller's own if unset."""
    hosts: Sequence[str] = ()
    """Hosts that it is for; all of the ingress if empty."""

    def __post_init__(self) -> None:
        """Check the names."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if isinstance(self.secret_name, str):
            yield from subdomain_problems("secretName", self.secret_name)
        for index, host in enumerate(self.hosts):
            yield from host_problems(("hosts", index), host)


@dataclass(frozen=True, kw_only=True)
class Ingress(Spec):
    """How the world reaches the Service, through an ingress controller."""

    class_name: str | None = None
    """Name of the IngressClass; the cluster's default if unset."""
    annotations: Mapping[str, Leaf] = field(default_factory=dict)
    """Annotations, as its controller reads them."""
    hosts: Sequence[str] = ()
    """Hosts, each with all paths, such as `shop.example.org` or `*.example.org`; any if empty."""
    paths: Sequence[IngressPath] = (IngressPath(),)
    """Paths, and the ports that they lead to; `/` and all below if unset."""
    tls: Sequence[IngressTls] = ()
    """Certificates; plain HTTP alone if empty."""

    def __post_init__(self) -> None:
        """Check the hosts and the names."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if self.class_name is not None:
            yield from subdomain_problems("className", self.class_name)
        yield from annotations_problems("annotations", self.annotations)
        for index, host in enumerate(self.hosts):
            yield from host_problems(("hosts", index), host)
        if not self.paths:
            yield Problem(("paths",), "is empty; leave it out for '/', or name one")
        for index, tls in enumerate(self.tls):
            covered = {*self.hosts, *(f"*.{host.partition('.')[2]}" for host in self.hosts)}
            for host in sorted({*tls.hosts} - covered):
                text = f"has {host!r}, which is none of the ingress' hosts; add it there"
                yield Problem(("tls", index, "hosts"), text, ("hosts",))

    def references(self) -> References:
        """Yield the names of ports."""
        for index, path in enumerate(self.paths):
            yield ("ingress", "paths", index, "port"), path.port


def ingress(meta: Meta, spec: Ingress) -> Object:
    """Return the Ingress.

    Nobody waits for its address: a controller may publish none, and no part of a release needs it.
    """
    paths = [_path(meta, path) for path in spec.paths]
    tls = [
        without_none(
            {"hosts": list(each.hosts or spec.hosts) or None, "secretName": each.secret_name}
        )
        for each in spec.tls
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": meta.metadata(annotations={**workloads.SKIP_AWAIT, **spec.annotations}),
        "spec": without_none(
            {
                "ingressClassName": spec.class_name,
                "rules": [
                    without_none({"host": host, "http": {"paths": paths}})
                    for host in spec.hosts or (None,)
                ],
                "tls": tls or None,
            }
        ),
    }


def _path(meta: Meta, spec: IngressPath) -> Object:
    service = {"name": meta.name, "port": {"name": spec.port}}
    return {"path": spec.path, "pathType": spec.path_type, "backend": {"service": service}}
