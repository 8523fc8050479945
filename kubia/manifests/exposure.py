"""What a Service may say beside its ports, its type and whom it selects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.addresses import cidr_problems
from kubia.manifests.names import annotations_problems, qualified_problems
from kubia.manifests.values import Bool, Int, Leaf, Object, Spec, within, without_none

_LONGEST_AFFINITY = 86400
"""Seconds."""
_OF_LOAD_BALANCERS = (
    "loadBalancerClass",
    "loadBalancerSourceRanges",
    "allocateLoadBalancerNodePorts",
)

TrafficPolicy = Literal["Cluster", "Local"]


@dataclass(frozen=True, kw_only=True)
class ServiceFields(Spec):
    """How requests reach the pods."""

    annotations: Mapping[str, Leaf] = field(default_factory=dict)
    """Annotations of the Service, as load balancers and DNS controllers read them."""
    app_protocol: str | None = None
    """What port http speaks, such as `kubernetes.io/h2c`; nothing is said if unset."""
    external_traffic_policy: TrafficPolicy | None = None
    """Where requests from outside go: Cluster, to every pod, or Local, to those of the node that
    got them, which keeps the client's address; Cluster if unset."""
    internal_traffic_policy: TrafficPolicy | None = None
    """Where requests of the cluster's pods go: Cluster or Local; Cluster if unset."""
    session_affinity: Literal["None", "ClientIP"] | None = None
    """Whether a client stays with a pod, by its address; None if unset."""
    session_affinity_timeout_seconds: Int | None = None
    """Seconds without a request after which a client may get to another pod; 10800 if unset."""
    load_balancer_class: str | None = None
    """Which implementation makes the load balancer; the cluster's own if unset. It cannot change
    while the Service is a LoadBalancer."""
    load_balancer_source_ranges: Sequence[str] = ()
    """Networks of the clients that the load balancer lets in; all if empty."""
    allocate_load_balancer_node_ports: Bool | None = None
    """Whether a LoadBalancer gets ports on every node too; true if unset."""
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None = None
    """How many IP families it has; SingleStack if unset."""
    ip_families: Sequence[Literal["IPv4", "IPv6"]] = ()
    """Its families, the first one's address first; the cluster's order if empty."""

    def __post_init__(self) -> None:
        """Check each field, and those that belong together."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from annotations_problems("annotations", self.annotations)
        for name, text in (
            ("appProtocol", self.app_protocol),
            ("loadBalancerClass", self.load_balancer_class),
        ):
            if text is not None:
                yield from qualified_problems((name,), text, "such a name")
        for index, cidr in enumerate(self.load_balancer_source_ranges):
            yield from cidr_problems(("loadBalancerSourceRanges", index), cidr)
        yield from self._affinity_problems()
        if len(set(self.ip_families)) < len(self.ip_families):
            yield Problem(("ipFamilies",), "names a family twice; name each once")
        elif len(self.ip_families) > 1 and self.ip_family_policy == "SingleStack":
            text = "has two families, but ipFamilyPolicy is SingleStack; use PreferDualStack"
            yield Problem(("ipFamilies",), text, ("ipFamilyPolicy",))

    def _affinity_problems(self) -> Iterator[Problem]:
        seconds = self.session_affinity_timeout_seconds
        if seconds is None:
            return
        yield from within("sessionAffinityTimeoutSeconds", seconds, 1, _LONGEST_AFFINITY)
        if self.session_affinity != "ClientIP":
            text = f"is {seconds} s, but sessionAffinity is not ClientIP; set that"
            yield Problem(("sessionAffinityTimeoutSeconds",), text, ("sessionAffinity",))

    def problems(self, service_type: str) -> Iterator[Problem]:
        """Yield which fields a Service of this type does not have."""
        sent = self.manifest()
        if service_type == "ClusterIP" and "externalTrafficPolicy" in sent:
            value = self.external_traffic_policy
            text = f"is {value}, but serviceType is ClusterIP; use NodePort or LoadBalancer"
            yield Problem(("service", "externalTrafficPolicy"), text, ("serviceType",))
        if service_type == "LoadBalancer":
            return
        for name in _OF_LOAD_BALANCERS:
            if name in sent:
                text = f"is given, but serviceType is {service_type}; use LoadBalancer"
                yield Problem(("service", name), text, ("serviceType",))

    def manifest(self) -> Object:
        """Return the fields of a Service's spec that are given."""
        seconds = self.session_affinity_timeout_seconds
        affinity = {"clientIP": {"timeoutSeconds": seconds}} if seconds is not None else None
        return without_none(
            {
                "externalTrafficPolicy": self.external_traffic_policy,
                "internalTrafficPolicy": self.internal_traffic_policy,
                "sessionAffinity": self.session_affinity,
                "sessionAffinityConfig": affinity,
                "loadBalancerClass": self.load_balancer_class,
                "loadBalancerSourceRanges": list(self.load_balancer_source_ranges) or None,
                "allocateLoadBalancerNodePorts": self.allocate_load_balancer_node_ports,
                "ipFamilyPolicy": self.ip_family_policy,
                "ipFamilies": list(self.ip_families) or None,
            }
        )
