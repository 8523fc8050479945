"""The objects around a Service by which others reach it, or are kept from its pods."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import ingress, monitoring, raw, raw_route, route
from kubia.manifests import network_policy as policies
from kubia.manifests.exposed import Exposed
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
    services: Sequence[pulumi.Resource], parent: pulumi.Resource, meta: Meta, spec: WebService
) -> None:
    """Declare what leads to a web service's Services, if wanted, and who reads its metrics."""
    backend = spec.ports.get(spec.route.port) if spec.route else None
    port = backend.of_service if backend else spec.service_port
    weight = spec.strategy.canary_weight
    lead_to(services, parent, meta, spec, port, added=spec.raw, canary_weight=weight)
    if spec.monitor is not None and spec.monitor.type == "ServiceMonitor":
        monitor = monitoring.service_monitor(meta, spec.monitor)
        _custom(meta, raw.applied(monitor, spec.raw), _after(services, parent))


def lead_to(
    services: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
    meta: Meta,
    spec: Exposed,
    port: int,
    *,
    added: Mapping[str, Any] | None = None,
    canary_weight: int | None = None,
) -> None:
    """Declare what leads to Services, if wanted: it comes last and goes first.

    `port` is the Services', to which a route leads; `added` are fields of Kubernetes' own.
    """
    opts = _after(services, parent)
    if spec.ingress is not None:
        manifest = raw.applied(ingress.ingress(meta, spec.ingress), added or {})
        k8s.networking.v1.Ingress(
            meta.name, metadata=manifest["metadata"], spec=manifest["spec"], opts=opts
        )
    if spec.route is not None:
        manifest = route.http_route(meta, spec.route, port, canary_weight)
        _custom(meta, raw_route.applied(manifest, added or {}), opts)


def _after(services: Sequence[pulumi.Resource], parent: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent, protect=False, depends_on=[*services])


def _custom(meta: Meta, manifest: Object, opts: pulumi.ResourceOptions) -> None:
    """Declare what is of a kind that a cluster has to be taught."""
    k8s.apiextensions.CustomResource(
        meta.name,
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=opts,
    )
