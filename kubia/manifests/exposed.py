"""Who reaches the Service of a web service or a site, which say it in the same words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from kubia.errors import Problem
from kubia.manifests import workloads
from kubia.manifests.exposure import ServiceFields
from kubia.manifests.ingress import Ingress
from kubia.manifests.meta import Meta
from kubia.manifests.probes import HIGHEST_PORT
from kubia.manifests.route import Route
from kubia.manifests.values import Leaf, Object, within, without_none

ServiceType: TypeAlias = Literal["ClusterIP", "NodePort", "LoadBalancer"]


class Exposed(Protocol):
    """What has a Service; its fields are those of its stack file."""

    @property
    def service_type(self) -> ServiceType:
        """Who can reach the Service: the cluster, its nodes' addresses, or the world."""

    @property
    def node_port(self) -> int | None:
        """Port on every node."""

    @property
    def service(self) -> ServiceFields:
        """What else the Service is."""

    @property
    def ingress(self) -> Ingress | None:
        """Hosts and paths of the world that lead to the Service, by an ingress controller."""

    @property
    def route(self) -> Route | None:
        """Hosts and paths of a Gateway that lead to the Service."""


def problems(spec: Exposed) -> Iterator[Problem]:
    """Yield what the type of the Service does not have."""
    if spec.node_port is not None:
        yield from within("nodePort", spec.node_port, 1, HIGHEST_PORT)
        if spec.service_type == "ClusterIP":
            text = f"is {spec.node_port}, but serviceType is ClusterIP; use NodePort"
            yield Problem(("nodePort",), text, ("serviceType",))
    yield from spec.service.problems(spec.service_type)


def service(
    meta: Meta,
    spec: Exposed,
    *,
    selector: Mapping[str, str],
    port: int = 80,
    ports: Sequence[Object] = (),
    annotations: Mapping[str, Leaf] | None = None,
    awaited: bool = False,
) -> Object:
    """Return the Service of the pods that are selected; `ports` are those beside the main one.

    It is `awaited` if what comes after it relies on its endpoints.
    """
    awaited = awaited or spec.service_type == "LoadBalancer"
    noted = {} if awaited else workloads.SKIP_AWAIT
    main = workloads.service(
        meta,
        selector=selector,
        port=port,
        type_=spec.service_type,
        node_port=spec.node_port,
        annotations={**noted, **(annotations or {}), **spec.service.annotations},
    )
    (http,) = main["spec"]["ports"]
    spoken = without_none({**http, "appProtocol": spec.service.app_protocol})
    every = [spoken, *ports]
    return {**main, "spec": {**main["spec"], "ports": every, **spec.service.manifest()}}
