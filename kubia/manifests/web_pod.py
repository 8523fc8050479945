"""The pod of a web service: what it may hold beside the web server, and where it may run."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kubia.errors import Problem, refuse
from kubia.manifests import files, pod_security
from kubia.manifests import raw as raws
from kubia.manifests.containers import Process
from kubia.manifests.dns import DnsConfig, DnsPolicy, HostAlias, dns_problems
from kubia.manifests.environment import reference_problems
from kubia.manifests.meta import KEPT_LABELS, Meta
from kubia.manifests.names import annotations_problems, labels_problems, subdomain_problems
from kubia.manifests.pod_security import Level
from kubia.manifests.pods import Container, pod_spec
from kubia.manifests.scheduling import (
    Toleration,
    TopologySpreadConstraint,
    affinity_problems,
    constraints,
    spread_problems,
)
from kubia.manifests.security_context import PodSecurityContext
from kubia.manifests.values import (
    Bool,
    Leaf,
    Object,
    Spec,
    without_none,
    written,
)
from kubia.manifests.volumes import TMP, Volume, pod_volumes, volume_problems

Path = tuple[str | int, ...]

NONE = "none"


@dataclass(frozen=True, kw_only=True)
class ServiceAccount(Spec):
    """A ServiceAccount that the service makes, of the service's name."""

    annotations: Mapping[str, Leaf] = field(default_factory=dict)
    """Its annotations, by which clouds know which identity its pods have."""


@dataclass(frozen=True, kw_only=True)
class Pod(Spec):
    """What a web service's pods are beside their web server."""

    init_containers: Sequence[Container] = ()
    """Containers that run to their end before the others start, in this order; one with
    restartPolicy Always is a sidecar, which goes on."""
    containers: Sequence[Container] = ()
    """Containers beside the web server."""
    volumes: Mapping[str, Volume] = field(default_factory=dict)
    """Volumes by name, for volumeMounts. `tmp`, at /tmp, is there unless given: 16Mi."""
    service_account: ServiceAccount | None = None
    """A ServiceAccount of its own; the namespace's default if neither this nor a name is given."""
    service_account_name: Leaf | None = None
    """A ServiceAccount that exists."""
    automount_service_account_token: Bool = False
    """Whether its containers see the account's token, and can use the API with it."""
    image_pull_secrets: Sequence[Leaf] = ()
    """Names of Secrets, with which images are pulled."""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    """Labels of the nodes it may run on."""
    tolerations: Sequence[Toleration] = ()
    """Taints of nodes that it accepts."""
    affinity: Mapping[str, Any] = field(default_factory=dict)
    """nodeAffinity, podAffinity and podAntiAffinity, as Kubernetes writes them."""
    spread: Sequence[str] = ()
    """Labels of nodes, such as `topology.kubernetes.io/zone`, over whose values the pods of one
    version had better spread."""
    topology_spread_constraints: Sequence[TopologySpreadConstraint] = ()
    """The same in full."""
    priority_class_name: str | None = None
    """A PriorityClass that exists; the cluster's default if unset."""
    host_aliases: Sequence[HostAlias] = ()
    """Lines of /etc/hosts."""
    dns_policy: DnsPolicy | None = None
    """Where names are looked up; ClusterFirst if unset."""
    dns_config: DnsConfig | None = None
    """What goes into /etc/resolv.conf beside that."""
    security_context: PodSecurityContext = field(default_factory=PodSecurityContext)
    """Whose processes and files its are."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the pods alone; never part of a selector."""
    annotations: Mapping[str, Leaf] = field(default_factory=dict)
    """Annotations of the pods: a change rolls them."""

    def __post_init__(self) -> None:
        """Check what one field alone, and several together, must hold."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from volume_problems(self.volumes)
        yield from labels_problems("nodeSelector", self.node_selector)
        yield from labels_problems("labels", self.labels)
        yield from annotations_problems("annotations", self.annotations)
        yield from affinity_problems(self.affinity)
        yield from spread_problems(self.spread, self.topology_spread_constraints)
        yield from dns_problems(self.dns_policy, self.dns_config)
        for key in self.labels.keys() & KEPT_LABELS:
            yield Problem(("labels",), f"{key!r} is set by kubia; choose another key")
        for name in self.image_pull_secrets:
            yield from reference_problems("imagePullSecrets", name)
        if self.priority_class_name is not None:
            yield from subdomain_problems("priorityClassName", self.priority_class_name)
        if self.service_account_name is not None:
            yield from reference_problems("serviceAccountName", self.service_account_name)
            if self.service_account is not None:
                text = "is given, and serviceAccount makes another; keep one of them"
                yield Problem(("serviceAccountName",), text, ("serviceAccount",))
        for index, container in enumerate(self.containers):
            if container.restart_policy is not None:
                text = "is Always, which every container here is; only initContainers have it"
                yield Problem(("containers", index, "restartPolicy"), text)
        for index, container in enumerate(self.init_containers):
            for name in () if container.restart_policy else container.of_lasting:
                text = (
                    "is given, but it ends by itself; leave it out, or set restartPolicy to Always"
                )
                yield Problem(("initContainers", index, name), text)

    @property
    def claimed(self) -> list[str]:
        """The names of the volumes for which claims are made."""
        return [name for name, volume in self.volumes.items() if volume.claim is not None]

    def account(self, meta: Meta) -> Leaf | None:
        """Return the name of the pods' ServiceAccount; None: the namespace's default."""
        return meta.name if self.service_account is not None else self.service_account_name

    def manifest(
        self,
        main: Container,
        meta: Meta,
        content: "Content",
        grace: int,
        more_ports: Sequence[Object] = (),
    ) -> Object:
        """Return the pod around its web server; it gets `grace` seconds to stop.

        `meta` is its Deployment's, `content` what its own files and variables are kept in,
        `more_ports` are the web server's beside the main one.
        """
        volumes = [
            *pod_volumes(meta.name, self.volumes),
            *files.volumes(content.files, content.secret_files),
        ]
        return without_none(
            {
                **pod_spec(main, termination_grace_seconds=grace, volumes=volumes),
                **self._placed(meta),
                "serviceAccountName": self.account(meta),
                "automountServiceAccountToken": self.automount_service_account_token,
                "securityContext": self.security_context.manifest(),
                "initContainers": [each.manifest(None) for each in self.init_containers] or None,
                "containers": [
                    main.manifest(more_ports=more_ports),
                    *(each.manifest(None) for each in self.containers),
                ],
                "volumes": volumes if "tmp" in self.volumes else [*volumes, TMP],
            }
        )

    def _placed(self, meta: Meta) -> Object:
        """Return where the pod may run, and what it is told about names."""
        spread = constraints(self.spread, self.topology_spread_constraints, meta.selector)
        return {
            "imagePullSecrets": [{"name": name} for name in self.image_pull_secrets] or None,
            "nodeSelector": dict(self.node_selector) or None,
            "tolerations": [each.manifest() for each in self.tolerations] or None,
            "affinity": dict(self.affinity) or None,
            "topologySpreadConstraints": spread or None,
            "priorityClassName": self.priority_class_name,
            "hostAliases": written(self.host_aliases) or None,
            "dnsPolicy": self.dns_policy,
            "dnsConfig": written(self.dns_config) if self.dns_config else None,
        }


@dataclass(frozen=True, kw_only=True)
class Content:
    """Names of the objects in which a web service keeps its secrets and files, where it has any."""

    env: Leaf | None = None
    files: Leaf | None = None
    secret_files: Leaf | None = None
    names: Leaf = NONE
    """All of them, and the service's own account, in one text."""


NOTHING = Content()


def all_files(containers: Iterable[Container]) -> dict[str, str]:
    """Return the files of all containers, by their keys in one ConfigMap."""
    return files.by_key((each.name, each.files) for each in containers)


def all_secret_files(containers: Iterable[Container]) -> dict[str, Leaf]:
    """Return the secret files of all containers, by their keys in one Secret."""
    return files.by_key((each.name, each.secret_files) for each in containers)


def pod_problems(
    main: Container, pod: Pod, level: Level, raw: Mapping[str, Any], kinds: Collection[str]
) -> Iterator[Problem]:
    """Yield what the containers of the whole pod, with what is added to it, may not be.

    `kinds` are those of the objects that can be added to.
    """
    faults = [*raws.problems(raw, main.name, kinds)]
    yield from faults
    added = raws.pod_spec(raw) if not faults else {}
    known = {"tmp", *pod.volumes, *(each["name"] for each in raws.items(added, "volumes"))}
    names: dict[str, str] = {main.name: "the main container's"}
    places: list[tuple[Path, Container]] = [((), main)]
    for kind, given in (("initContainers", pod.init_containers), ("containers", pod.containers)):
        places += [(("pod", kind, index), each) for index, each in enumerate(given)]
    for place, container in places:
        yield from _mount_problems(place, container, known)
        if place and container.name in names:
            text = f"is {container.name!r}, as {names[container.name]} is; choose another name"
            yield Problem((*place, "name"), text)
        names.setdefault(container.name, "another container's")
    every = [container for _, container in places]
    yield from files.size_problems("files", all_files(every))
    yield from files.size_problems("secretFiles", all_secret_files(every))
    if not faults:
        meta = Meta(name="a", namespace="a", component="a")
        rendered = raws.merged(pod.manifest(main, meta, NOTHING, 0), added)
        annotations = {**pod.annotations, **raws.pod_annotations(raw)}
        yield from pod_security.problems(rendered, annotations, level)


def _mount_problems(place: Path, process: Process, known: set[str]) -> Iterator[Problem]:
    """Yield the mounts of volumes that the pod has not."""
    for index, mount in enumerate(process.volume_mounts):
        if mount.name not in known:
            text = f"is {mount.name!r}, no volume of the pod; known are {', '.join(sorted(known))}"
            yield Problem((*place, "volumeMounts", index, "name"), text)


def service_account(meta: Meta, account: ServiceAccount) -> Object:
    """Return the ServiceAccount; whether pods see its token is theirs to say."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta.metadata(annotations=account.annotations),
        "automountServiceAccountToken": False,
    }
