"""A site: immutable content in ConfigMaps or an image, nginx Deployment and Service.

The program's NginxSite and the operator both build a site here, so that it is the same objects
whichever of them keeps it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kubia.errors import Problem, refuse
from kubia.manifests import exposed, ports, site_content, site_validators, workloads
from kubia.manifests.exposed import ServiceType
from kubia.manifests.exposure import ServiceFields
from kubia.manifests.images import image_problems
from kubia.manifests.ingress import Ingress
from kubia.manifests.meta import Meta
from kubia.manifests.pods import PRE_STOP_SECONDS, Container, Resources, pod_spec
from kubia.manifests.probes import HttpGet, Probe
from kubia.manifests.route import Route
from kubia.manifests.strategies import Strategy
from kubia.manifests.values import Int, Leaf, Object, Spec, at_least, written
from kubia.manifests.volumes import ImageVolume, VolumeMount, sub_path_problems

PORT = 8080
SERVICE_PORT = 80
ROOT = "/usr/share/nginx/html"
HEALTH_PATH = "/.healthz"
"""Answered by kubia/local/images/nginx itself; no ConfigMap key can hide it."""
_GRACE_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class ContentImage(ImageVolume):
    """The files of an image or OCI artifact, of any size; of Kubernetes 1.35 on."""

    sub_path: str | None = None
    """Folder of the image whose files are served, such as usr/share/nginx/html; all if unset."""

    def __post_init__(self) -> None:
        """Check the reference and the folder."""
        super().__post_init__()
        refuse(sub_path_problems("subPath", self.sub_path))

    def volume(self) -> Object:
        """Return the volume of its files."""
        source = written(self)
        source.pop("subPath", None)
        return {"name": site_content.CONTENT, "image": source}


@dataclass(frozen=True, kw_only=True)
class NginxSite(Spec):
    """What a site should be."""

    content: Mapping[str, str] = field(default_factory=dict)
    """Text files by path, such as css/site.css."""
    binary_content: Mapping[str, str] = field(default_factory=dict)
    """Other files by path, in base64."""
    content_image: ContentImage | None = None
    """Image whose files are served in place of these. Give it by digest or a tag of its own for
    each content: what a tag leads to, a pod asks when it starts."""
    image: Leaf = "kubia-nginx:1.31"
    """Image of an unprivileged nginx on port 8080, as kubia/local/images/nginx builds it."""
    replicas: Int = 1
    """Number of pods."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of each pod."""
    service_type: ServiceType = "ClusterIP"
    """Who can reach the Service: the cluster, its nodes' addresses, or the world."""
    node_port: Int | None = None
    """Port on every node, 30000 to 32767 in most clusters, for a NodePort Service; declared, so
    that its URL is known before the cluster is asked."""
    service: ServiceFields = field(default_factory=ServiceFields)
    """What else the Service is."""
    ingress: Ingress | None = None
    """Hosts and paths of the world that lead to the Service, by an ingress controller."""
    route: Route | None = None
    """Hosts and paths of a Gateway that lead to the Service."""
    progress_deadline_seconds: Int = 120
    """Seconds without progress after which a roll-out of content has failed."""

    def __post_init__(self) -> None:
        """Check the files' names and size, and the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        yield from at_least("replicas", self.replicas, 0)
        yield from at_least("progressDeadlineSeconds", self.progress_deadline_seconds, 1, " s")
        yield from exposed.problems(self)
        for user in (self.ingress, self.route):
            if user is not None:
                yield from ports.reference_problems({}, user.references())
        if self.content_image is not None and self.paths:
            text = "is given, and files too; keep one of them"
            yield Problem(("contentImage",), text, ("content", "binaryContent"))
        yield from site_content.path_problems(self.content, self.binary_content)
        yield from site_content.size_problems(self.content, self.binary_content)

    @property
    def paths(self) -> list[str]:
        """Its files."""
        return [*self.content, *self.binary_content]


class SiteObjects(NamedTuple):
    """The objects of one site, in the order in which they must come to be."""

    config_maps: Sequence[Object]
    deployment: Object
    service: Object


def objects(meta: Meta, spec: NginxSite) -> SiteObjects:
    """Return the whole site."""
    if spec.content_image is not None:
        served = pod(spec, [spec.content_image.volume()], has_index=False)
        return SiteObjects([], deployment(meta, spec, served), service(meta, spec))
    content = site_content.config_maps(meta, spec.content, spec.binary_content)
    volumes = site_content.volumes(content, spec.paths)
    served = pod(spec, volumes, has_index="index.html" in spec.paths)
    return SiteObjects(content, deployment(meta, spec, served), service(meta, spec))


def pod(spec: NginxSite, volumes: Sequence[Object], *, has_index: bool) -> Object:
    """Return the nginx pod that serves what the volumes of a site's content hold.

    A site with an index page is ready when that is served; one without, when nginx answers.
    """
    container = Container(
        name="nginx",
        image=spec.image,
        resources=spec.resources,
        port=PORT,
        readiness=Probe(http_get=HttpGet(path="/" if has_index else HEALTH_PATH)),
        liveness=Probe(http_get=HttpGet(path=HEALTH_PATH), period_seconds=10),
        pre_stop_seconds=PRE_STOP_SECONDS,
        volume_mounts=[
            VolumeMount(name=name, mount_path=path, read_only=True, sub_path=folder)
            for name, path, folder in _mounts(spec.content_image)
        ],
    )
    return pod_spec(container, termination_grace_seconds=_GRACE_SECONDS, volumes=volumes)


def deployment(meta: Meta, spec: NginxSite, pod: Object) -> Object:
    """Return the Deployment of a site's pods."""
    rollout = Strategy(progress_deadline_seconds=spec.progress_deadline_seconds)
    longest = rollout.longest_seconds(spec.replicas, _GRACE_SECONDS)
    return workloads.deployment(
        meta,
        replicas=spec.replicas,
        rollout=rollout.manifest(),
        pod=pod,
        annotations=workloads.await_at_most(longest, spec.replicas),
    )


def _mounts(image: ContentImage | None) -> Iterator[tuple[str, str, str | None]]:
    """Yield the volumes by name, with where nginx sees them and which of their folders."""
    yield site_content.CONTENT, ROOT, image.sub_path if image else None
    if image is None:
        yield site_content.VALIDATORS, site_validators.FOLDER, None


def service(meta: Meta, spec: NginxSite) -> Object:
    """Return the Service that serves the site on port 80."""
    return exposed.service(meta, spec, selector=meta.selector, port=SERVICE_PORT)
