"""Pods that pass Pod Security's `restricted` level and stop without losing a request.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kubia.errors import Problem, refuse
from kubia.manifests.names import env_problems
from kubia.manifests.probes import Probe
from kubia.manifests.values import Leaf, Object, Spec, quantity, without_none

_NATIVE = ("cpu", "memory", "ephemeral-storage")
"""Resources of every node; of others, Kubernetes takes only names with a domain."""
_PAGES = "hugepages-"
USER_ID = 10101
"""UID and GID of every container, as our images have it: above 10000, so that it is no user of a
node. Pods say it again, for an image of somebody else's may run as any user."""
PRE_STOP_SECONDS = 10
"""Seconds that a pod which serves goes on after it was told to stop. Proxies learn of it by way of
the EndpointSlice controller, which tries again only after 1, 2, 4 … s when it is behind: on a busy
machine of 2 cores, kube-proxy itself counted up to 5 s. Then it was too late with 5."""


@dataclass(frozen=True, kw_only=True)
class Resources(Spec):
    """What a container asks for and what it may use at most."""

    requests: Mapping[str, str] = field(default_factory=lambda: {"cpu": "25m", "memory": "48Mi"})
    """Quantities the scheduler sets aside, by resource (`cpu`, `memory`)."""
    limits: Mapping[str, str] = field(default_factory=lambda: {"memory": "96Mi"})
    """Quantities the container may not exceed, by resource; CPU is better left unlimited."""

    def __post_init__(self) -> None:
        """Check each quantity, and that no request exceeds its limit."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for kind, given in (("requests", self.requests), ("limits", self.limits)):
            for resource, text in given.items():
                try:
                    quantity(text)
                except ValueError as error:
                    yield Problem((kind, resource), str(error))
                    return
                yield from _resource_problems(kind, resource)
        for resource in sorted(self.requests.keys() - self.limits.keys()):
            if "/" in resource or resource.startswith(_PAGES):
                text = f"has no limit, which all but {', '.join(_NATIVE)} need; set the same one"
                yield Problem(("requests", resource), text, ("limits",))
        for resource in self.requests.keys() & self.limits.keys():
            if quantity(self.requests[resource]) > quantity(self.limits[resource]):
                yield Problem(
                    ("requests", resource),
                    f"is {self.requests[resource]}, above limits.{resource}, "
                    f"{self.limits[resource]}; raise the limit or lower the request",
                    ("limits",),
                )

    def manifest(self) -> Object:
        """Return the resources as a container holds them."""
        return {"requests": dict(self.requests), "limits": dict(self.limits)}


def _resource_problems(kind: str, resource: str) -> Iterator[Problem]:
    if resource in _NATIVE or resource.startswith(_PAGES) or "/" in resource:
        return
    known = ", ".join(_NATIVE)
    text = f"is no resource; known are {known}, {_PAGES}SIZE and a device's DOMAIN/NAME"
    yield Problem((kind, resource), text)


@dataclass(frozen=True, kw_only=True)
class Container(Spec):
    """The one container of a pod."""

    name: str
    """Its name within the pod."""
    image: Leaf
    """Image reference."""
    resources: Resources
    """Requests and limits."""
    command: Sequence[str] = ()
    """Program and arguments in place of the image's entrypoint."""
    port: int | None = None
    """The port it serves HTTP on, named `http`; none for an agent."""
    more_ports: Sequence[Object] = ()
    """Further ports, as a container holds them."""
    readiness: Probe | None = None
    """When it may get requests."""
    liveness: Probe | None = None
    """When it must be restarted."""
    env: Mapping[str, Leaf] = field(default_factory=dict)
    """Environment variables."""
    secret: Leaf | None = None
    """Name of a Secret whose keys become environment variables."""
    pre_stop_seconds: int = 0
    """Seconds between leaving the Service and being told to stop."""
    mounts: Mapping[str, str] = field(default_factory=dict)
    """Read-only mounts: path by volume name."""

    def __post_init__(self) -> None:
        """Check the names of environment variables."""
        refuse(env_problems("env", self.env))

    def manifest(self) -> Object:
        """Return the hardened container."""
        port = self.port
        http = [{"name": "http", "containerPort": port}] if port else []
        sleep = {"preStop": {"sleep": {"seconds": self.pre_stop_seconds}}}
        mounts: list[Object] = [
            {"name": volume, "mountPath": path, "readOnly": True}
            for volume, path in self.mounts.items()
        ]
        return without_none(
            {
                "name": self.name,
                "image": self.image,
                "imagePullPolicy": "IfNotPresent",
                "command": list(self.command) or None,
                "ports": [*http, *self.more_ports] or None,
                "env": [{"name": k, "value": v} for k, v in sorted(self.env.items())] or None,
                "envFrom": [{"secretRef": {"name": self.secret}}] if self.secret else None,
                "resources": self.resources.manifest(),
                "readinessProbe": self.readiness.manifest(port or 0) if self.readiness else None,
                "livenessProbe": self.liveness.manifest(port or 0) if self.liveness else None,
                "lifecycle": sleep if self.pre_stop_seconds else None,
                "volumeMounts": [*mounts, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - in the container
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
            }
        )


def pod_spec(
    container: Container,
    *,
    termination_grace_seconds: int,
    volumes: Sequence[Object] = (),
    node_selector: Mapping[str, str] | None = None,
    tolerations: Sequence[Object] = (),
    service_account: str | None = None,
    spread: Mapping[str, str] | None = None,
) -> Object:
    """Return the hardened pod around one container; `/tmp` is the only place it can write.

    `service_account` is whose token it gets, if any; `spread` selects the pods that had better
    not share a node with it.
    """
    return without_none(
        {
            "serviceAccountName": service_account,
            "automountServiceAccountToken": service_account is not None,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER_ID,
                "runAsGroup": USER_ID,
                "fsGroup": USER_ID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "terminationGracePeriodSeconds": termination_grace_seconds,
            "nodeSelector": dict(node_selector) if node_selector else None,
            "tolerations": list(tolerations) or None,
            "topologySpreadConstraints": [_spread(spread)] if spread else None,
            "containers": [container.manifest()],
            "volumes": [*volumes, {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}}],
        }
    )


def _spread(labels: Mapping[str, str]) -> Object:
    """Return the preference, no more, that pods of one version lie on different nodes."""
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(labels)},
        "matchLabelKeys": ["pod-template-hash"],
    }
