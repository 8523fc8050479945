"""A web service: what it may be, its Service, and if wanted a disruption budget and a Secret.

Its Deployments are in releases.py.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from kubia.errors import Problem, refuse
from kubia.manifests import exposed, ports, raw_ports, raw_route, requested
from kubia.manifests import raw as raws
from kubia.manifests.application import Application
from kubia.manifests.exposed import ServiceType
from kubia.manifests.exposure import ServiceFields
from kubia.manifests.images import image_problems
from kubia.manifests.ingress import Ingress
from kubia.manifests.meta import COMPONENT, LANE, Meta
from kubia.manifests.monitoring import Monitor
from kubia.manifests.names import labels_problems
from kubia.manifests.network_policy import NetworkPolicy
from kubia.manifests.pods import PRE_STOP_SECONDS, Container
from kubia.manifests.ports import Port
from kubia.manifests.probes import HIGHEST_PORT, HttpGet, Probe, TcpSocket, once_problems
from kubia.manifests.route import Route
from kubia.manifests.scaling import Autoscaler
from kubia.manifests.strategies import Strategy
from kubia.manifests.values import (
    Int,
    Leaf,
    Object,
    Spec,
    at_least,
    within,
)


@dataclass(frozen=True, kw_only=True)
class DisruptionBudget(Spec):
    """How many pods a drain of nodes may take at a time."""

    max_unavailable: Int = 1
    """Pods that may be missing at once through evictions."""

    def __post_init__(self) -> None:
        """Check the bound: at 0 no node could ever be drained."""
        refuse(at_least("maxUnavailable", self.max_unavailable, 1))


@dataclass(frozen=True, kw_only=True)
class WebService(Application):
    """What a web service should be; the fields of a container are its web server's."""

    replicas: Int | None = None
    """Number of pods; 1 if unset. Leave it out when an autoscaler is given."""
    container_name: str = "nodejs"
    """Name of the web server's container: by default as the pattern's Deployment calls it, whose
    app is JavaScript; ours runs Python under this name, so that `kubectl set image
    deployment/kubia nodejs=…` works as it is taught."""
    port: Int = 8080
    """Port that the container listens on."""
    service_port: Int = 80
    """Port of the Service."""
    service_type: ServiceType = "ClusterIP"
    """Who can reach the Service: the cluster, its nodes' addresses, or the world."""
    node_port: Int | None = None
    """Port on every node, 30000 to 32767 in most clusters, for a NodePort Service; declared, so
    that its URL is known before the cluster is asked."""
    ports: Mapping[str, Port] = field(default_factory=dict)
    """Ports of container and Service beside the main one, by name; that is called http."""
    service: ServiceFields = field(default_factory=ServiceFields)
    """What else the Service is."""
    ingress: Ingress | None = None
    """Hosts and paths of the world that lead to the Service, by an ingress controller."""
    route: Route | None = None
    """Hosts and paths of a Gateway that lead to the Service."""
    monitor: Monitor | None = None
    """How Prometheus reads the pods' metrics."""
    network_policy: NetworkPolicy | None = None
    """Who may reach the pods, and whom they may reach; anybody if unset."""
    startup: Probe | None = None
    """When it has started; the other probes wait for that. None if unset."""
    readiness: Probe = field(
        default_factory=lambda: Probe(http_get=HttpGet(), period_seconds=1, success_threshold=5)
    )
    """When a pod gets requests; if unset, when GET / has passed five times in a row, once a second:
    what fails after a few requests then fails the probe, and not its users."""
    liveness: Probe = field(
        default_factory=lambda: Probe(tcp_socket=TcpSocket(), period_seconds=10)
    )
    """When a pod is restarted; by default only when it accepts no connection: a slow answer should
    take a pod out of the Service, not kill it."""
    strategy: Strategy = field(default_factory=Strategy)
    """How a new version takes over."""
    rel: str = "stable"
    """Label `rel` of the pods: stable, beta or canary."""
    change_cause: Leaf | None = None
    """Why this revision exists, shown by `kubectl rollout history`; the image if unset."""
    autoscaler: Autoscaler | None = None
    """Scales the pods by what they use, or by other metrics."""
    disruption_budget: DisruptionBudget | None = None
    """Bounds what a drain of nodes may take away."""
    pre_stop_seconds: Int = PRE_STOP_SECONDS
    """Seconds a pod goes on serving after it left the Service, until every proxy knows."""
    longest_request_seconds: Int = 25
    """Seconds that requests under way get to finish when a pod stops."""
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Fields of Kubernetes' own, merged into the objects of a kind as `kubectl patch` does:
    deployment (each one), service, ingress, httpRoute, networkPolicy, serviceMonitor,
    horizontalPodAutoscaler, podDisruptionBudget, serviceAccount, persistentVolumeClaim (each one),
    and of configMap and secret (each one) the metadata."""

    objects: ClassVar[Collection[str]] = raws.SERVICE

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        yield from self._name_problems()
        yield from within("port", self.port, 1, HIGHEST_PORT)
        yield from within("servicePort", self.service_port, 1, HIGHEST_PORT)
        yield from at_least("preStopSeconds", self.pre_stop_seconds, 0, " s")
        yield from at_least("longestRequestSeconds", self.longest_request_seconds, 1, " s")
        yield from self._process_problems()
        yield from once_problems("startup", self.startup)
        yield from self._secret_problems()
        yield from labels_problems("labels", {"rel": self.rel})
        yield from once_problems("liveness", self.liveness)
        yield from exposed.problems(self)
        yield from self._port_problems()
        yield from self._replicas_problems()
        yield from self._weight_problems()
        yield from raw_route.problems(self.raw, self.strategy.canary_weight)
        yield from self._claim_problems()

    def _claim_problems(self) -> Iterator[Problem]:
        """Yield the claims that two pods would have to mount, of which the second never starts."""
        alone = self.strategy.type == "Recreate" and self.most_replicas <= 1
        for name, volume in self.pod.volumes.items():
            if volume.claim and "ReadWriteOncePod" in volume.claim.access_modes and not alone:
                text = (
                    "is ReadWriteOncePod, which the next pod cannot mount before the last one is "
                    "gone; set strategy.type to Recreate, and replicas to 1"
                )
                yield Problem(("pod", "volumes", name), text, ("strategy", "replicas"))

    def _weight_problems(self) -> Iterator[Problem]:
        weight = self.strategy.canary_weight
        if weight is None:
            return
        place = ("strategy", "canaryWeight")
        if self.route is None:
            text = (
                f"is {weight}, but only a Gateway's route has weights; give route, or leave it out "
                "for a share by canaryReplicas"
            )
            yield Problem(place, text, ("route",))
        if self.replicas == 0:
            text = (
                f"is {weight}, but replicas is 0, and nobody takes the rest; set it to at least 1"
            )
            yield Problem(place, text, ("replicas",))

    def _port_problems(self) -> Iterator[Problem]:
        main = Port(port=self.port, service_port=self.service_port, node_port=self.node_port)
        yield from ports.problems(self.ports, main, self.service_type)
        every = {ports.HTTP: main, **self.ports}
        yield from raw_ports.problems(self.raw, self.container_name, every)
        for user in (self.ingress, self.route, self.monitor):
            if user is not None:
                yield from ports.reference_problems(self.ports, user.references())
        if self.network_policy is not None:
            yield from self.network_policy.problems(self.ports)

    def _replicas_problems(self) -> Iterator[Problem]:
        if self.autoscaler is not None and self.strategy.type == "BlueGreen":
            # The colour that becomes active would lose its count: it would serve with one pod.
            text = "cannot follow BlueGreen's switch; give replicas instead"
            yield Problem(("autoscaler",), text, ("strategy",))
        if self.autoscaler is not None:
            resources = requested.resources(self.container_name, self.resources, self.pod, self.raw)
            yield from self.autoscaler.request_problems(resources)
        if self.replicas is None:
            return
        yield from at_least("replicas", self.replicas, 0)
        if self.autoscaler is not None:
            text = f"is {self.replicas}, but an autoscaler is given; leave one of them out"
            yield Problem(("replicas",), text, ("autoscaler",))

    def _optional(self) -> Mapping[str, tuple[str, object]]:
        is_monitored = self.monitor is not None and self.monitor.type == "ServiceMonitor"
        return {
            **super()._optional(),
            "horizontalPodAutoscaler": ("autoscaler", self.autoscaler),
            "httpRoute": ("route", self.route),
            "ingress": ("ingress", self.ingress),
            "networkPolicy": ("networkPolicy", self.network_policy),
            "podDisruptionBudget": ("disruptionBudget", self.disruption_budget),
            "serviceMonitor": ("monitor, of type ServiceMonitor", is_monitored),
        }

    def container(self, image: Leaf, secret: Leaf | None = None) -> Container:
        """Return the web server's container; `secret` names the Secret of its `secretEnv`."""
        return replace(
            super().container(image, secret),
            port=self.port,
            startup=self.startup,
            readiness=self.readiness,
            liveness=self.liveness,
            pre_stop_seconds=self.pre_stop_seconds,
        )

    @property
    def most_replicas(self) -> int:
        """The largest number of pods there can be."""
        if self.autoscaler is not None:
            return self.autoscaler.max_replicas
        return 1 if self.replicas is None else self.replicas


def service(meta: Meta, spec: WebService) -> Object:
    """Return the Service: to the active colour alone, or to all pods that roll out under it."""
    active = replace(meta, variant=spec.strategy.active).selector if spec.strategy.active else None
    return exposed.service(
        meta,
        spec,
        selector=active or {"app": meta.name, LANE: "main"},
        port=spec.service_port,
        ports=ports.of_service(spec.ports),
        annotations=scraped(spec),
    )


def scraped(spec: WebService) -> Mapping[str, str]:
    """Return the annotations by which a Prometheus reads the metrics, if it does so by these."""
    if spec.monitor is None:
        return {}
    own = spec.ports.get(spec.monitor.port)
    return spec.monitor.annotations(own.port if own else spec.port)


def secret(meta: Meta, values: Mapping[str, Leaf], name: str) -> Object:
    """Return the immutable Secret with these values; `name` is by its content (`by_content`)."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta.metadata(name),
        "type": "Opaque",
        "immutable": True,
        "stringData": dict(values),
    }


def disruption_budget(meta: Meta, spec: DisruptionBudget) -> Object:
    """Return the PodDisruptionBudget of the pods behind the Service.

    A Job, a CronJob or an agent of the same name may have its pods beside them. Of these Kubernetes
    does not know how many there should be, and lets a budget that selects one evict nobody.
    """
    own = {"key": COMPONENT, "operator": "In", "values": [meta.component]}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": meta.metadata(),
        "spec": {
            "maxUnavailable": spec.max_unavailable,
            "selector": {"matchLabels": {"app": meta.name}, "matchExpressions": [own]},
            # A pod that is not ready serves nobody: it must not keep its node from being drained.
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def url(name: str, namespace: str, port: int = 80) -> str:
    """Return the address at which the cluster's pods reach a Service."""
    suffix = "" if port == 80 else f":{port}"  # noqa: PLR2004 - HTTP's own port
    return f"http://{name}.{namespace}.svc.cluster.local{suffix}"
