"""The NGINX operator inside the cluster: its pods, what they may do, and who may reach them.

The verbs are those that kubia/operator uses. Applying needs `patch`, and `create` where there is
nothing yet. A Role cannot tell the operator's objects from others of their kind; the operator can.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from kubia.errors import Problem, refuse
from kubia.manifests import workloads
from kubia.manifests.images import image_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import namespace_problems
from kubia.manifests.nginx_site import NginxSite
from kubia.manifests.pods import Container, Resources, pod_spec
from kubia.manifests.probes import HIGHEST_PORT, HttpGet, Probe
from kubia.manifests.site_source import selector_problems
from kubia.manifests.strategies import Strategy
from kubia.manifests.values import (
    Bool,
    Int,
    Leaf,
    Object,
    Spec,
    at_least,
    within,
)

PORT = 8081
"""Where /livez, /readyz and /metrics are served."""
_DNS = 53
_GRACE_SECONDS = 15
"""Handing over takes two seconds."""
_RBAC = "rbac.authorization.k8s.io"
_KEEP = ["get", "list", "watch", "create", "patch", "delete"]
_SITES: Sequence[Object] = (
    {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": _KEEP},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": _KEEP},
    # Why a site is not up stands in its pods.
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
)


@dataclass(frozen=True, kw_only=True)
class NginxOperator(Spec):
    """What an operator in the cluster should be."""

    image: Leaf = "kubia-nginx-operator:0.1"
    """Image of the operator, as kubia/local/images/nginx-operator builds it."""
    replicas: Int = 2
    """Number of pods; one leads, the others can take over at once."""
    resources: Resources = field(
        default_factory=lambda: Resources(
            requests={"cpu": "25m", "memory": "64Mi"}, limits={"memory": "192Mi"}
        )
    )
    """Requests and limits of each of its pods."""
    namespaces: Sequence[str] = ()
    """Namespaces whose ConfigMaps it serves, all of which must exist; its own if empty."""
    cluster_wide: Bool = False
    """Whether it serves every namespace, by a ClusterRole; leave out namespaces then."""
    selector: str = "kubia.io/site=true"
    """Label and value of the ConfigMaps that are sites."""
    site_image: Leaf = NginxSite().image
    """Image of an unprivileged nginx on port 8080, as kubia/local/images/nginx builds it."""
    site_replicas: Int = 1
    """Number of pods of each site."""
    site_resources: Resources = field(default_factory=Resources)
    """Requests and limits of each pod of a site."""
    sites_per_namespace: Int = 0
    """Sites that a namespace may have, the oldest first; 0 for any number."""
    api_server_ports: Sequence[Int] = (443, 6443)
    """Ports of the API server's endpoints, the only ones its pods may connect to but DNS."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What it logs at least."""

    def __post_init__(self) -> None:
        """Check the names and numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        yield from image_problems("siteImage", self.site_image)
        yield from at_least("replicas", self.replicas, 0)
        yield from at_least("siteReplicas", self.site_replicas, 0)
        yield from at_least("sitesPerNamespace", self.sites_per_namespace, 0)
        for namespace in self.namespaces:
            yield from namespace_problems("namespaces", namespace)
        if self.cluster_wide and self.namespaces:
            given = ", ".join(self.namespaces)
            text = f"is {given}, but clusterWide is true; leave one of them out"
            yield Problem(("namespaces",), text, ("clusterWide",))
        yield from selector_problems(self.selector)
        if not self.api_server_ports:
            text = "is empty; name the ports of the API server's endpoints"
            yield Problem(("apiServerPorts",), text)
        for port in self.api_server_ports:
            yield from within("apiServerPorts", port, 1, HIGHEST_PORT)

    def roles(self, name: str) -> list[str]:
        """Return what tells the roles of the operator of this name apart, in its stack."""
        kept = [role_in(name, namespace) for namespace in self.namespaces]
        return [lease_role(name), *(kept or [name])]

    def environment(self, meta: Meta) -> dict[str, Leaf]:
        """Return the settings as the operator reads them (kubia/operator/settings.py)."""
        where = ",".join(self.namespaces) or meta.namespace
        return {
            **({} if self.cluster_wide else {"KUBIA_OPERATOR_NAMESPACES": where}),
            "KUBIA_OPERATOR_SELECTOR": self.selector,
            "KUBIA_OPERATOR_IMAGE": self.site_image,
            "KUBIA_OPERATOR_REPLICAS": str(self.site_replicas),
            "KUBIA_OPERATOR_REQUESTS": _pairs(self.site_resources.requests),
            "KUBIA_OPERATOR_LIMITS": _pairs(self.site_resources.limits),
            "KUBIA_OPERATOR_SITES_PER_NAMESPACE": str(self.sites_per_namespace),
            "KUBIA_OPERATOR_LEASE_NAMESPACE": meta.namespace,
            "KUBIA_OPERATOR_LEASE_NAME": meta.name,
            "KUBIA_OPERATOR_LOG_LEVEL": self.log_level,
        }


class Permission(NamedTuple):
    """A role, and that the operator has it."""

    role: Object
    binding: Object


def _pairs(quantities: Mapping[str, str]) -> str:
    return ",".join(f"{resource}={quantity}" for resource, quantity in sorted(quantities.items()))


def service_account(meta: Meta) -> Object:
    """Return who the operator is to the API server."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta.metadata(),
        # Its pods ask for the token; no other pod gets it by naming the account alone.
        "automountServiceAccountToken": False,
    }


def lease_role(name: str) -> str:
    """Return what the right to lead of the operator of this name is called."""
    return f"{name}-lease"


def role_in(name: str, kept: str) -> str:
    """Return what the right to keep sites in another namespace is called in the stack."""
    return f"{name}-in-{kept}"


def lease_permission(meta: Meta) -> Permission:
    """Return the right to lead, by the one Lease; `create` cannot be bound to a name."""
    lease = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"]}
    rules = [
        {**lease, "verbs": ["get", "update"], "resourceNames": [meta.name]},
        {**lease, "verbs": ["create"]},
    ]
    return _permission(meta, meta.metadata(lease_role(meta.name)), rules)


def site_permission(meta: Meta) -> Permission:
    """Return the right to keep sites in the operator's own namespace."""
    return _permission(meta, meta.metadata(), _SITES)


def full_name(name: str, namespace: str) -> str:
    """Return what an operator is called outside of its namespace: no two are called the same."""
    return f"{name}.{namespace}"


def permission_in(meta: Meta, kept: str, name: Leaf) -> Permission:
    """Return the right to keep sites in another namespace; `name` as `full_name` gives it."""
    return _permission(meta, replace(meta, namespace=kept).metadata(name), _SITES)


def cluster_permission(meta: Meta, name: Leaf) -> Permission:
    """Return the right to keep sites in every namespace; `name` as `full_name` gives it."""
    metadata = meta.metadata(name)
    del metadata["namespace"]
    return _permission(meta, metadata, _SITES, scope="Cluster")


def _permission(
    meta: Meta, metadata: Object, rules: Sequence[Object], scope: Literal["", "Cluster"] = ""
) -> Permission:
    account = {"kind": "ServiceAccount", "name": meta.name, "namespace": meta.namespace}
    head = {"apiVersion": f"{_RBAC}/v1", "metadata": metadata}
    role = f"{scope}Role"
    return Permission(
        role={**head, "kind": role, "rules": list(rules)},
        binding={
            **head,
            "kind": f"{role}Binding",
            "roleRef": {"apiGroup": _RBAC, "kind": role, "name": metadata["name"]},
            "subjects": [account],
        },
    )


def deployment(meta: Meta, spec: NginxOperator) -> Object:
    """Return the Deployment."""
    container = Container(
        name="operator",
        image=spec.image,
        resources=spec.resources,
        port=PORT,
        # A pod that stands by is ready too: it could lead.
        readiness=Probe(http_get=HttpGet(path="/readyz")),
        liveness=Probe(http_get=HttpGet(path="/livez"), period_seconds=10),
        env=spec.environment(meta),
    )
    pod = pod_spec(
        container,
        termination_grace_seconds=_GRACE_SECONDS,
        service_account=meta.name,
        spread=meta.selector,
    )
    rollout = Strategy()
    longest = rollout.longest_seconds(spec.replicas, _GRACE_SECONDS)
    return workloads.deployment(
        meta,
        replicas=spec.replicas,
        rollout=rollout.manifest(),
        pod=pod,
        annotations=workloads.await_at_most(longest, spec.replicas),
        pod_annotations={
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(PORT),
            "prometheus.io/path": "/metrics",
        },
    )


def network_policy(meta: Meta, spec: NginxOperator) -> Object:
    """Return who may talk to whom: pods of the cluster to its metrics, it to API server and DNS.

    The API server is outside of the pods' network, so it can be told by its ports only. DNS is for
    clusters that give pods its name instead of its address.
    """
    api = [{"protocol": "TCP", "port": port} for port in spec.api_server_ports]
    dns = [{"protocol": protocol, "port": _DNS} for protocol in ("UDP", "TCP")]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta.metadata(),
        "spec": {
            "podSelector": {"matchLabels": meta.selector},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [{"namespaceSelector": {}}],
                    "ports": [{"protocol": "TCP", "port": PORT}],
                }
            ],
            "egress": [{"ports": api}, {"to": [{"namespaceSelector": {}}], "ports": dns}],
        },
    }
