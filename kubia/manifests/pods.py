"""Pods that pass Pod Security's `restricted` level and stop without losing a request.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.containers import TMP_MOUNT, Process
from kubia.manifests.environment import variables
from kubia.manifests.images import image_problems
from kubia.manifests.names import label_problems
from kubia.manifests.probes import HIGHEST_PORT, Probe, once_problems
from kubia.manifests.scheduling import HOST, constraints
from kubia.manifests.security_context import PodSecurityContext
from kubia.manifests.values import (
    Int,
    Leaf,
    Object,
    Spec,
    at_least,
    quantity,
    within,
    without_none,
    written,
)
from kubia.manifests.volumes import TMP, place

_NATIVE = ("cpu", "memory", "ephemeral-storage")
"""Resources of every node; of others, Kubernetes takes only names with a domain."""
_PAGES = "hugepages-"
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
class Container(Process):
    """One container of a pod."""

    name: str
    """Its name within the pod."""
    image: Leaf
    """Image reference."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits."""
    port: Int | None = None
    """Port that it listens on, at which probes ask that name none."""
    startup: Probe | None = None
    """When it has started; the other probes wait for that. None if unset."""
    readiness: Probe | None = None
    """When it counts as ready: a pod gets requests when all its containers are. None if unset."""
    liveness: Probe | None = None
    """When it is restarted. None if unset."""
    restart_policy: Literal["Always"] | None = None
    """Always makes an init container a sidecar: it starts before the others, in its turn, goes on
    beside them, and stops after them."""
    pre_stop_seconds: Int = 0
    """Seconds that it goes on when its pod is to stop."""

    def __post_init__(self) -> None:
        """Check each field, and that probes know where to ask."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from label_problems("name", self.name)
        yield from image_problems("image", self.image)
        yield from at_least("preStopSeconds", self.pre_stop_seconds, 0, " s")
        if self.port is not None:
            yield from within("port", self.port, 1, HIGHEST_PORT)
        yield from self._process_problems()
        yield from once_problems("startup", self.startup)
        for name, probe in self._probes.items():
            if probe is not None and probe.needs_port and self.port is None:
                text = "names no port, and the container has none; give it a port"
                yield Problem((name,), text, ("port",))

    @property
    def of_lasting(self) -> list[str]:
        """The fields given that only what does not end by itself can have."""
        probes = [name for name, probe in self._probes.items() if probe is not None]
        return [*probes, *(["preStopSeconds"] if self.pre_stop_seconds else [])]

    @property
    def _probes(self) -> dict[str, Probe | None]:
        return {"startup": self.startup, "readiness": self.readiness, "liveness": self.liveness}

    def manifest(self, port_name: str | None = "http", more_ports: Sequence[Object] = ()) -> Object:
        """Return the hardened container; `port_name` is what its port is called in the pod.

        `more_ports` are further ones, as a container holds them.
        """
        port = self.port
        http = [without_none({"name": port_name, "containerPort": port})] if port else []
        mounts = self.mounts(self.name)
        if not any(place(mount["mountPath"]) == TMP_MOUNT["mountPath"] for mount in mounts):
            mounts.append(dict(TMP_MOUNT))
        return without_none(
            {
                "name": self.name,
                "image": self.image,
                "imagePullPolicy": self.image_pull_policy,
                "command": list(self.command) or None,
                "args": list(self.args) or None,
                "workingDir": self.working_dir,
                "restartPolicy": self.restart_policy,
                "ports": [*http, *more_ports] or None,
                "env": variables(self.env, self.env_value_from) or None,
                "envFrom": [*map(written, self.env_from)] or None,
                "resources": self.resources.manifest(),
                **{
                    f"{name}Probe": probe and probe.manifest(port or 0)
                    for name, probe in self._probes.items()
                },
                "lifecycle": self._lifecycle,
                "volumeMounts": mounts,
                "securityContext": self.security_context.manifest(),
            }
        )

    @property
    def _lifecycle(self) -> Object | None:
        if not self.pre_stop_seconds:
            return None
        return {"preStop": {"sleep": {"seconds": self.pre_stop_seconds}}}


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
            "securityContext": PodSecurityContext().manifest(),
            "terminationGracePeriodSeconds": termination_grace_seconds,
            "nodeSelector": dict(node_selector) if node_selector else None,
            "tolerations": list(tolerations) or None,
            "topologySpreadConstraints": constraints([HOST], (), spread) if spread else None,
            "containers": [container.manifest()],
            "volumes": [*volumes, TMP],
        }
    )
