"""Pods: what is in them beside the web server, and where they run."""

from enum import Enum
from typing import Any, NotRequired, TypedDict

import pulumi

from .containers import ContainerArgs
from .scheduling import TolerationArgs, TopologySpreadConstraintArgs
from .volumes import VolumeArgs


class DnsPolicy(str, Enum):
    """Where names are looked up."""

    ClusterFirst = "ClusterFirst"
    """At the cluster, which asks the node's servers for the rest."""
    Default = "Default"
    """At the node's servers."""
    ClusterFirstWithHostNet = "ClusterFirstWithHostNet"
    """As ClusterFirst, for pods in their node's network."""
    Nowhere = "None"
    """Where dnsConfig says."""


class PodSecurityLevel(str, Enum):
    """Levels of Pod Security."""

    Restricted = "restricted"
    """Hardened."""
    Baseline = "baseline"
    """No known way to gain privileges."""
    Privileged = "privileged"
    """Anything."""


class ServiceAccountArgs(TypedDict):
    """A ServiceAccount that the service makes, of the service's name."""

    annotations: NotRequired[dict[str, pulumi.Input[str]]]
    """Its annotations, by which clouds know which identity its pods have. Default: none."""


class HostAliasArgs(TypedDict):
    """A line of /etc/hosts."""

    ip: str
    """Address, of IPv4 or IPv6."""
    hostnames: list[str]
    """Names for it."""


class DnsOptionArgs(TypedDict):
    """An option of /etc/resolv.conf, such as ndots:2."""

    name: str
    """Its name."""
    value: NotRequired[str]
    """Its value. Default: none."""


class DnsConfigArgs(TypedDict):
    """What goes into /etc/resolv.conf beside what dnsPolicy says."""

    nameservers: NotRequired[list[str]]
    """Addresses of DNS servers. Default: none."""
    searches: NotRequired[list[str]]
    """Domains in which short names are looked for. Default: none."""
    options: NotRequired[list[DnsOptionArgs]]
    """Options of the resolver. Default: none."""


class PodSecurityContextArgs(TypedDict):
    """Whose processes a pod's are."""

    run_as_user: NotRequired[int]
    """User ID of its processes. Default: 10101."""
    run_as_group: NotRequired[int]
    """Group ID of its processes. Default: 10101."""
    fs_group: NotRequired[int]
    """Group ID of the files in its volumes. Default: 10101."""
    supplemental_groups: NotRequired[list[int]]
    """Further group IDs of its processes. Default: none."""
    cluster_assigns: NotRequired[bool]
    """Whether the three IDs are left to the cluster, as OpenShift wants it. Default: false."""


class PodArgs(TypedDict):
    """What a web service's pods are beside their web server."""

    init_containers: NotRequired[list[ContainerArgs]]
    """Containers that run to their end before the others start, in this order; one with
    restartPolicy Always is a sidecar, which goes on. Default: none."""
    containers: NotRequired[list[ContainerArgs]]
    """Containers beside the web server. Default: none."""
    volumes: NotRequired[dict[str, VolumeArgs]]
    """Volumes by name, for volumeMounts. Default: tmp alone, at /tmp, of 16Mi."""
    service_account: NotRequired[ServiceAccountArgs]
    """A ServiceAccount of its own. Default: the namespace's default account."""
    service_account_name: NotRequired[pulumi.Input[str]]
    """A ServiceAccount that exists. Default: the namespace's default account."""
    automount_service_account_token: NotRequired[bool]
    """Whether its containers see the account's token, and can use the API. Default: false."""
    image_pull_secrets: NotRequired[list[pulumi.Input[str]]]
    """Names of Secrets, with which images are pulled. Default: none."""
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes it may run on. Default: every node."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints of nodes that it accepts. Default: none."""
    affinity: NotRequired[dict[str, Any]]
    """nodeAffinity, podAffinity and podAntiAffinity, as Kubernetes writes them. Default: none."""
    spread: NotRequired[list[str]]
    """Labels of nodes, such as topology.kubernetes.io/zone, over whose values the pods of one
    version had better spread. Default: none."""
    topology_spread_constraints: NotRequired[list[TopologySpreadConstraintArgs]]
    """The same in full. Default: none."""
    priority_class_name: NotRequired[str]
    """A PriorityClass that exists. Default: the cluster's."""
    host_aliases: NotRequired[list[HostAliasArgs]]
    """Lines of /etc/hosts. Default: none."""
    dns_policy: NotRequired[DnsPolicy]
    """Where names are looked up. Default: ClusterFirst."""
    dns_config: NotRequired[DnsConfigArgs]
    """What goes into /etc/resolv.conf beside that. Default: nothing."""
    security_context: NotRequired[PodSecurityContextArgs]
    """Whose processes and files its are."""
    labels: NotRequired[dict[str, str]]
    """Labels of the pods alone; never part of a selector. Default: none."""
    annotations: NotRequired[dict[str, pulumi.Input[str]]]
    """Annotations of the pods: a change rolls them. Default: none."""
