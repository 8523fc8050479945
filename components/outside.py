"""The objects around a WebService by which others reach it, or are kept from it."""

from collections.abc import Iterator

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import ingress, monitoring, raw, route
from kubia.manifests import network_policy as policies
from kubia.manifests.meta import Meta
from kubia.manifests.values import Object
from kubia.manifests.web_service import WebService


def network_policy(parent: pulumi.Resource, meta: Meta, spec: WebService) -> list[pulumi.Resource]:
    """Declare the policy, if wanted: pods that come after it are never open to all."""
    if spec.network_policy is None:
        return []
    manifest = raw.applied(policies.network_policy(meta, spec.network_policy, spec.ports), spec.raw)
    return [
        k8s.networking.v1.NetworkPolicy(
            meta.name,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(parent=parent, protect=False),
        )
    ]


def open_to(
    service: pulumi.Resource, parent: pulumi.Resource, meta: Meta, spec: WebService
) -> None:
    """Declare what leads to the Service, if wanted: it comes last and goes first."""
    opts = pulumi.ResourceOptions(parent=parent, protect=False, depends_on=[service])
    if spec.ingress is not None:
        manifest = raw.applied(ingress.ingress(meta, spec.ingress), spec.raw)
        k8s.networking.v1.Ingress(
            meta.name, metadata=manifest["metadata"], spec=manifest["spec"], opts=opts
        )
    for custom in _custom(meta, spec):
        manifest = raw.applied(custom, spec.raw)
        k8s.apiextensions.CustomResource(
            meta.name,
            api_version=manifest["apiVersion"],
            kind=manifest["kind"],
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=opts,
        )


def _custom(meta: Meta, spec: WebService) -> Iterator[Object]:
    """Yield what is of kinds that a cluster has to be taught."""
    if spec.route is not None:
        backend = spec.ports.get(spec.route.port)
        port = backend.of_service if backend else spec.service_port
        yield route.http_route(meta, spec.route, port)
    if spec.monitor is not None and spec.monitor.type == "ServiceMonitor":
        yield monitoring.service_monitor(meta, spec.monitor)
