"""How a WebService or a site is reached: Args of ports, Service, Ingress and a Gateway's route."""

from enum import Enum
from typing import NotRequired, TypedDict

import pulumi


class ServiceType(str, Enum):
    """Who can reach the Service."""

    ClusterIP = "ClusterIP"
    """The cluster's pods."""
    NodePort = "NodePort"
    """Whoever reaches a node."""
    LoadBalancer = "LoadBalancer"
    """The world, through a load balancer that the cluster's cloud provides."""


class Protocol(str, Enum):
    """What a port speaks below all else."""

    Tcp = "TCP"
    """TCP."""
    Udp = "UDP"
    """UDP."""
    Sctp = "SCTP"
    """SCTP."""


class PortArgs(TypedDict):
    """A port of the container and of the Service."""

    port: int
    """Port that the container listens on."""
    service_port: NotRequired[int]
    """Port of the Service. Default: the container's own."""
    protocol: NotRequired[Protocol]
    """TCP, UDP or SCTP. Default: TCP."""
    app_protocol: NotRequired[str]
    """What is spoken, such as kubernetes.io/h2c, for meshes and gateways. Default: unsaid."""
    node_port: NotRequired[int]
    """Port on every node, for a Service of type NodePort. Default: the server chooses."""


class TrafficPolicy(str, Enum):
    """Which pods requests may go to."""

    Cluster = "Cluster"
    """Every pod."""
    Local = "Local"
    """Those of the node that got the request; the client's address is kept."""


class SessionAffinity(str, Enum):
    """Whether a client stays with a pod."""

    Never = "None"
    """It does not."""
    ClientIP = "ClientIP"
    """It does, by its address."""


class IpFamilyPolicy(str, Enum):
    """How many IP families a Service has."""

    SingleStack = "SingleStack"
    """One."""
    PreferDualStack = "PreferDualStack"
    """Two where the cluster has them."""
    RequireDualStack = "RequireDualStack"
    """Two; refused where the cluster has one."""


class IpFamily(str, Enum):
    """A family of IP addresses."""

    Four = "IPv4"
    """IPv4."""
    Six = "IPv6"
    """IPv6."""


class ServiceFieldsArgs(TypedDict):
    """How requests reach the pods."""

    annotations: NotRequired[dict[str, pulumi.Input[str]]]
    """Annotations of the Service, as load balancers and DNS controllers read them. Default: none.
    """
    app_protocol: NotRequired[str]
    """What port http speaks, such as kubernetes.io/h2c. Default: unsaid."""
    external_traffic_policy: NotRequired[TrafficPolicy]
    """Where requests from outside go; not with ClusterIP. Default: Cluster."""
    internal_traffic_policy: NotRequired[TrafficPolicy]
    """Where requests of the cluster's pods go. Default: Cluster."""
    session_affinity: NotRequired[SessionAffinity]
    """Whether a client stays with a pod. Default: None."""
    session_affinity_timeout_seconds: NotRequired[int]
    """Seconds without a request after which a client may get to another pod. Default: 10800."""
    load_balancer_class: NotRequired[str]
    """Which implementation makes the load balancer; it cannot change. Default: the cluster's."""
    load_balancer_source_ranges: NotRequired[list[str]]
    """Networks of the clients that the load balancer lets in. Default: all."""
    allocate_load_balancer_node_ports: NotRequired[bool]
    """Whether a LoadBalancer gets ports on every node too. Default: true."""
    ip_family_policy: NotRequired[IpFamilyPolicy]
    """How many IP families it has. Default: SingleStack."""
    ip_families: NotRequired[list[IpFamily]]
    """Its families, the first one's address first. Default: the cluster's order."""


class IngressPathType(str, Enum):
    """How a path of an Ingress matches."""

    Prefix = "Prefix"
    """With all below it, step by step."""
    Exact = "Exact"
    """Alone."""
    ImplementationSpecific = "ImplementationSpecific"
    """As the controller likes."""


class IngressPathArgs(TypedDict):
    """A path, and the port that it leads to."""

    path: NotRequired[str]
    """Path of requests. Default: /."""
    path_type: NotRequired[IngressPathType]
    """Prefix, Exact or ImplementationSpecific. Default: Prefix."""
    port: NotRequired[str]
    """Name of the port that it leads to. Default: http."""


class IngressTlsArgs(TypedDict):
    """A certificate, and the hosts that it is for."""

    secret_name: NotRequired[pulumi.Input[str]]
    """Name of the Secret with certificate and key. Default: the controller's own."""
    hosts: NotRequired[list[str]]
    """Hosts that it is for. Default: all of the ingress."""


class IngressArgs(TypedDict):
    """How the world reaches the Service, through an ingress controller."""

    class_name: NotRequired[str]
    """Name of the IngressClass. Default: the cluster's default."""
    annotations: NotRequired[dict[str, pulumi.Input[str]]]
    """Annotations, as its controller reads them. Default: none."""
    hosts: NotRequired[list[str]]
    """Hosts, each with all paths, such as shop.example.org or *.example.org. Default: any."""
    paths: NotRequired[list[IngressPathArgs]]
    """Paths, and the ports that they lead to. Default: / and all below, to http."""
    tls: NotRequired[list[IngressTlsArgs]]
    """Certificates. Default: none, plain HTTP alone."""


class ParentRefArgs(TypedDict):
    """A Gateway that takes the requests."""

    name: pulumi.Input[str]
    """Its name."""
    namespace: NotRequired[pulumi.Input[str]]
    """Its namespace. Default: the route's own."""
    section_name: NotRequired[str]
    """Name of one of its listeners. Default: all that let the route in."""
    port: NotRequired[int]
    """Port of its listeners. Default: any."""


class RoutePathType(str, Enum):
    """How a path of a route matches."""

    PathPrefix = "PathPrefix"
    """With all below it, step by step."""
    Exact = "Exact"
    """Alone."""
    RegularExpression = "RegularExpression"
    """As an expression of the gateway's own language."""


class RoutePathArgs(TypedDict):
    """A path that matches."""

    type: NotRequired[RoutePathType]
    """PathPrefix, Exact or RegularExpression. Default: PathPrefix."""
    value: NotRequired[str]
    """The path. Default: /."""


class HeaderType(str, Enum):
    """How a header matches."""

    Exact = "Exact"
    """As it is."""
    RegularExpression = "RegularExpression"
    """As an expression of the gateway's own language."""


class RouteHeaderArgs(TypedDict):
    """A header that matches."""

    name: str
    """Its name."""
    value: str
    """Its value, or an expression of it."""
    type: NotRequired[HeaderType]
    """Exact or RegularExpression. Default: Exact."""


class Method(str, Enum):
    """A method of HTTP."""

    Get = "GET"
    """GET."""
    Head = "HEAD"
    """HEAD."""
    Post = "POST"
    """POST."""
    Put = "PUT"
    """PUT."""
    Delete = "DELETE"
    """DELETE."""
    Connect = "CONNECT"
    """CONNECT."""
    Options = "OPTIONS"
    """OPTIONS."""
    Trace = "TRACE"
    """TRACE."""
    Patch = "PATCH"
    """PATCH."""


class RouteMatchArgs(TypedDict):
    """Requests that match: all that is given has to."""

    path: NotRequired[RoutePathArgs]
    """Their path. Default: any."""
    headers: NotRequired[list[RouteHeaderArgs]]
    """Headers that they have. Default: any."""
    method: NotRequired[Method]
    """Their method. Default: any."""


class RouteTimeoutsArgs(TypedDict):
    """How long a request may take, as the Gateway API writes it: 10s, 1m30s, 500ms; 0s is ever."""

    request: NotRequired[str]
    """Of the whole request, as its client sees it. Default: the gateway's own."""
    backend_request: NotRequired[str]
    """Of each request to a pod. Default: the gateway's own."""


class RouteArgs(TypedDict):
    """How a Gateway leads to the Service."""

    parent_refs: list[ParentRefArgs]
    """The Gateways."""
    hostnames: NotRequired[list[str]]
    """Hosts, such as shop.example.org or *.example.org. Default: the listeners' own."""
    matches: NotRequired[list[RouteMatchArgs]]
    """Requests that match any of these. Default: all."""
    port: NotRequired[str]
    """Name of the port that it leads to. Default: http."""
    timeouts: NotRequired[RouteTimeoutsArgs]
    """How long a request may take. Default: the gateway's own."""
