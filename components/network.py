"""Who reads and reaches a WebService's pods: Args of its monitor and its network policy."""

from enum import Enum
from typing import NotRequired, TypedDict

from .exposure import Protocol


class MonitorType(str, Enum):
    """How Prometheus finds the pods."""

    ServiceMonitor = "ServiceMonitor"
    """By an object for the Prometheus operator."""
    Annotations = "Annotations"
    """By annotations of the Service: prometheus.io/scrape, port and path."""


class MonitorArgs(TypedDict):
    """How Prometheus reads the metrics of each pod."""

    type: NotRequired[MonitorType]
    """ServiceMonitor or Annotations. Default: ServiceMonitor."""
    port: NotRequired[str]
    """Name of the port. Default: http."""
    path: NotRequired[str]
    """Path of the metrics. Default: /metrics."""
    interval: NotRequired[str]
    """Time between two readings, such as 30s. Default: Prometheus' own."""
    scrape_timeout: NotRequired[str]
    """Time that a reading may take, at most the interval. Default: Prometheus' own."""
    labels: NotRequired[dict[str, str]]
    """Further labels of the ServiceMonitor, by which a Prometheus selects it. Default: none."""


class LabelSelectorArgs(TypedDict):
    """Selects by labels."""

    match_labels: NotRequired[dict[str, str]]
    """Labels that have to be there. Default: none, whatever there is."""


class IpBlockArgs(TypedDict):
    """A network."""

    cidr: str
    """The network, such as 10.0.0.0/8."""
    except_: NotRequired[list[str]]
    """Networks within it that do not count. Default: none."""


class PeerArgs(TypedDict):
    """Whoever is at the other end: pods, by their labels and their namespaces', or a network."""

    namespace_selector: NotRequired[LabelSelectorArgs]
    """Namespaces. Default: the service's own."""
    pod_selector: NotRequired[LabelSelectorArgs]
    """Pods in these. Default: all."""
    ip_block: NotRequired[IpBlockArgs]
    """A network, instead of pods."""


class PolicyPortArgs(TypedDict):
    """A port, or several in a row."""

    port: str
    """Number, or name of a port of the pods that are reached."""
    end_port: NotRequired[int]
    """The last one of a row that begins with port, a number. Default: none."""
    protocol: NotRequired[Protocol]
    """TCP, UDP or SCTP. Default: that of the named port, else TCP."""


class IngressRuleArgs(TypedDict):
    """Who may come, and to which ports."""

    from_: NotRequired[list[PeerArgs]]
    """Who may come. Default: anybody."""
    ports: NotRequired[list[PolicyPortArgs]]
    """To which ports. Default: all."""


class EgressRuleArgs(TypedDict):
    """Where the pods may go, and to which ports there."""

    to: NotRequired[list[PeerArgs]]
    """Where they may go. Default: anywhere."""
    ports: NotRequired[list[PolicyPortArgs]]
    """To which ports. Default: all."""


class NetworkPolicyArgs(TypedDict):
    """Who may reach the pods, and whom they may reach; nobody else."""

    ingress: NotRequired[list[IngressRuleArgs]]
    """Who may come. Default: nobody; the kubelet's probes always may."""
    egress: NotRequired[list[EgressRuleArgs]]
    """Where the pods may go: nowhere if empty. Default: anywhere. DNS is no exception: open its
    port 53 of UDP and TCP."""
