"""WebService: a Deployment behind a Service."""

from collections.abc import Sequence
from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import canary, raw, scaling, standing
from kubia.manifests import releases as deployments
from kubia.manifests import web_service as manifests
from kubia.manifests.meta import Meta
from kubia.mistakes import mistakes

from . import outside
from .backing import Backing, hidden
from .common import ResourcesArgs, specified
from .containers import (
    EnvFromArgs,
    PullPolicy,
    SecurityContextArgs,
    ValueFromArgs,
    VolumeMountArgs,
)
from .exposure import IngressArgs, PortArgs, RouteArgs, ServiceFieldsArgs, ServiceType
from .hooks import refusing
from .network import MonitorArgs, NetworkPolicyArgs
from .pods import PodArgs, PodSecurityLevel
from .probes import ProbeArgs
from .rollout import StrategyArgs
from .scaling import AutoscalerArgs, DisruptionBudgetArgs


class WebServiceArgs(TypedDict):
    """What a WebService should be."""

    namespace: pulumi.Input[str]
    """Namespace of all its objects."""
    image: pulumi.Input[str]
    """Image reference."""
    labels: NotRequired[dict[str, str]]
    """Further labels of every object and pod; never part of a selector."""
    replicas: NotRequired[int]
    """Number of pods. Default: 1. Leave it out when an autoscaler is given."""
    port: NotRequired[int]
    """Port that the container listens on. Default: 8080."""
    service_port: NotRequired[int]
    """Port of the Service. Default: 80."""
    service_type: NotRequired[ServiceType]
    """Who can reach the Service. Default: ClusterIP."""
    node_port: NotRequired[int]
    """Port on every node, 30000 to 32767 in most clusters, for a NodePort Service. Default: the
    server chooses."""
    command: NotRequired[list[str]]
    """Program in place of the image's entrypoint; no shell. $(NAME) is a variable's value."""
    args: NotRequired[list[str]]
    """Its arguments, in place of the image's. $(NAME) is a variable's value."""
    container_name: NotRequired[str]
    """Name of the main container, among those of its pods. Default: nodejs."""
    working_dir: NotRequired[str]
    """Folder it starts in. Default: the image's."""
    ports: NotRequired[dict[str, PortArgs]]
    """Ports of container and Service beside the main one, http, by name. Default: none."""
    service: NotRequired[ServiceFieldsArgs]
    """What else the Service is."""
    ingress: NotRequired[IngressArgs]
    """Hosts and paths of the world that lead to the Service, by an ingress controller. Default:
    none."""
    route: NotRequired[RouteArgs]
    """Hosts and paths of a Gateway that lead to the Service. Default: none."""
    monitor: NotRequired[MonitorArgs]
    """How Prometheus reads the pods' metrics. Default: it does not."""
    network_policy: NotRequired[NetworkPolicyArgs]
    """Who may reach the pods, and whom they may reach. Default: anybody."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables; their values arrive as they are written, $ too. Default: none."""
    env_value_from: NotRequired[dict[str, ValueFromArgs]]
    """Environment variables whose values stand elsewhere: in fields of the pod, or in keys of
    ConfigMaps and Secrets that exist. Default: none."""
    env_from: NotRequired[list[EnvFromArgs]]
    """ConfigMaps and Secrets that exist, all of whose keys become variables. Default: none."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables kept in a Secret, and secret in Pulumi's state. Default: none.
    Of values that are Outputs a preview shows the Secret once it knows them."""
    files: NotRequired[dict[str, str]]
    """Text files by path, read-only, from an immutable ConfigMap: a change rolls the pods.
    Default: none."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Text files by path, read-only, from an immutable Secret, and secret in Pulumi's state: a
    change rolls the pods. Default: none."""
    volume_mounts: NotRequired[list[VolumeMountArgs]]
    """Where the web server sees the pod's volumes. Default: the volume tmp at /tmp alone."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of each pod's web server."""
    startup: NotRequired[ProbeArgs]
    """When the web server has started; the other probes wait for that. Default: none."""
    readiness: NotRequired[ProbeArgs]
    """When a pod gets requests. Default: GET / every second, five times in a row."""
    liveness: NotRequired[ProbeArgs]
    """When a pod is restarted. Default: when its port accepts no connection."""
    strategy: NotRequired[StrategyArgs]
    """How a new version takes over."""
    rel: NotRequired[str]
    """Label rel of the pods: stable, beta, canary. Default: stable."""
    change_cause: NotRequired[pulumi.Input[str]]
    """Why this revision exists, for the rollout history. Default: the image."""
    autoscaler: NotRequired[AutoscalerArgs]
    """Scales the pods by what they use, or by other metrics. Default: none."""
    disruption_budget: NotRequired[DisruptionBudgetArgs]
    """Bounds what a drain of nodes may take away. Default: none."""
    pre_stop_seconds: NotRequired[int]
    """Seconds a pod goes on serving after it left the Service. Default: 10."""
    longest_request_seconds: NotRequired[int]
    """Seconds that requests under way get to finish when a pod stops. Default: 25."""
    image_pull_policy: NotRequired[PullPolicy]
    """When the image is pulled. Default: IfNotPresent."""
    security_context: NotRequired[SecurityContextArgs]
    """What the web server's container may do."""
    pod: NotRequired[PodArgs]
    """What the pods are beside the web server: other containers, volumes, where they run."""
    pod_security: NotRequired[PodSecurityLevel]
    """Level of Pod Security that the pods must pass; the namespace must allow a lower one.
    Default: restricted."""
    raw: NotRequired[dict[str, dict[str, Any]]]
    """Fields of Kubernetes' own, merged into the objects of a kind as kubectl patch does:
    deployment (each one), service, ingress, httpRoute, networkPolicy, serviceMonitor,
    horizontalPodAutoscaler, podDisruptionBudget, serviceAccount, persistentVolumeClaim (each one),
    and of configMap and secret (each one) the metadata. Default: none."""


class WebService(pulumi.ComponentResource):
    """A web service: Deployment and Service, and if wanted what scales, opens and guards them.

    Rolling updates lose no request, and the pods pass Pod Security's level restricted.
    """

    name: pulumi.Output[str]
    """Name of the Service and the Deployment."""
    url: pulumi.Output[str]
    """Address for the cluster's pods, such as http://kubia.dev.svc.cluster.local."""
    node_port: pulumi.Output[Optional[int]]
    """The declared port on every node, if there is one."""

    def __init__(
        self, name: str, args: WebServiceArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the service.

        Raises:
            MistakeError: everything that is wrong with `args`.

        """
        meta, spec = specified("WebService", name, args, manifests.WebService, "web")
        with mistakes(f"WebService {name!r}: "):
            releases = deployments.releases(meta, spec)
        # Secret from here on, in the component's own inputs too: Pulumi keeps them in its state.
        props = cast("dict[str, Any]", hidden(args))
        super().__init__("kubia:index:WebService", name, props, opts)

        backing = Backing(self, meta, spec)
        # What the Service goes to is ready before it goes there; what it leaves waits for that.
        goes_to: list[pulumi.Resource] = []
        closed = outside.network_policy(self, meta, spec)
        for release in releases:
            if release.is_served:
                after = [*closed, *goes_to]
                goes_to.append(self._deployment(release, spec, backing, after))
        manifest = raw.applied(manifests.service(meta, spec), spec.raw)
        service = k8s.core.v1.Service(
            name,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=goes_to),
        )
        apart = [
            self._deployment(release, spec, backing, after=[service])
            for release in releases
            if not release.is_served
        ]
        services = [service]
        if spec.strategy.is_weighted:
            services.append(self._canary(meta, spec, after=apart))
        outside.open_to(services, self, meta, spec)
        self._bounds(meta, spec, goes_to)

        self.name = service.metadata.apply(lambda metadata: str(metadata.name))
        self.url = pulumi.Output.all(self.name, meta.namespace).apply(
            lambda known: manifests.url(known[0], known[1], spec.service_port)
        )
        self.node_port = pulumi.Output.from_input(spec.node_port)
        self.register_outputs({"name": self.name, "url": self.url, "nodePort": self.node_port})

    def _deployment(
        self,
        release: deployments.Release,
        spec: manifests.WebService,
        backing: Backing,
        after: Sequence[pulumi.Resource],
    ) -> k8s.apps.v1.Deployment:
        """Declare the Deployment of one release; its change cause is its image unless given.

        Its number of pods is where an autoscaler begins, who then has it: a number that is no
        longer declared would become 1 at once.
        """
        cause = release.change_cause
        if cause is None:
            cause = pulumi.Output.concat("image ", release.image)
        deployment = deployments.deployment(release, spec, cause, backing.content)
        name = release.meta.instance
        return k8s.apps.v1.Deployment(
            name,
            metadata=deployment["metadata"],
            spec=deployment["spec"],
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=False,
                depends_on=[*after, *backing.needed],
                ignore_changes=["spec.replicas"] if release.is_autoscaled else None,
                hooks=refusing("Deployment", name, standing.of_deployment)
                if release.paused
                else None,
            ),
        )

    def _canary(
        self, meta: Meta, spec: manifests.WebService, after: Sequence[pulumi.Resource]
    ) -> k8s.core.v1.Service:
        """Declare the Service to which the route leads beside the main one; releases remove it."""
        manifest = canary.service(meta, spec)
        return k8s.core.v1.Service(
            manifest["metadata"]["name"],
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(parent=self, protect=False, depends_on=[*after]),
        )

    def _bounds(
        self, meta: Meta, spec: manifests.WebService, scaled: Sequence[pulumi.Resource]
    ) -> None:
        """Declare what bounds the number of pods: autoscaler and disruption budget, if wanted.

        A release may remove them; what is protected is the Service, which serves throughout.
        """
        child = pulumi.ResourceOptions(parent=self, protect=False)
        if spec.autoscaler:
            scaler = raw.applied(scaling.autoscaler(meta, spec.autoscaler), spec.raw)
            after = pulumi.ResourceOptions(depends_on=[*scaled])
            k8s.autoscaling.v2.HorizontalPodAutoscaler(
                meta.name,
                metadata=scaler["metadata"],
                spec=scaler["spec"],
                opts=pulumi.ResourceOptions.merge(child, after),
            )
        if spec.disruption_budget:
            budget = raw.applied(
                manifests.disruption_budget(meta, spec.disruption_budget), spec.raw
            )
            k8s.policy.v1.PodDisruptionBudget(
                meta.name, metadata=budget["metadata"], spec=budget["spec"], opts=child
            )
