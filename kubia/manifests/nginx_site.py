"""A site: immutable content ConfigMap, nginx Deployment and Service.

The program's NginxSite and the operator both build a site here, so that it is the same objects
whichever of them keeps it.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kubia.errors import Problem, refuse
from kubia.manifests import workloads
from kubia.manifests.images import image_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import by_content, content_key_problems
from kubia.manifests.pods import PRE_STOP_SECONDS, Container, Resources, pod_spec
from kubia.manifests.probes import HttpGet, Probe
from kubia.manifests.strategies import Strategy
from kubia.manifests.values import Int, Leaf, Object, Spec, at_least
from kubia.manifests.volumes import VolumeMount

CONTENT_LIMIT = 1024 * 1024
"""Bytes that a ConfigMap's values may have together.

Source: https://kubernetes.io/docs/concepts/configuration/configmap/#motivation
"""
PORT = 8080
ROOT = "/usr/share/nginx/html"
HEALTH_PATH = "/.healthz"
"""Answered by kubia/local/images/nginx itself; no ConfigMap key can hide it."""
_GRACE_SECONDS = 30
_SHOWN_KEYS = 3


@dataclass(frozen=True, kw_only=True)
class NginxSite(Spec):
    """What a site should be."""

    content: Mapping[str, str] = field(default_factory=dict)
    """Text files by name."""
    binary_content: Mapping[str, str] = field(default_factory=dict)
    """Other files by name, in base64."""
    image: Leaf = "kubia-nginx:1.31"
    """Image of an unprivileged nginx on port 8080, as kubia/local/images/nginx builds it."""
    replicas: Int = 1
    """Number of pods."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of each pod."""
    progress_deadline_seconds: Int = 120
    """Seconds without progress after which a roll-out of content has failed."""

    def __post_init__(self) -> None:
        """Check the files' names and size, and the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        yield from at_least("replicas", self.replicas, 0)
        yield from at_least("progressDeadlineSeconds", self.progress_deadline_seconds, 1, " s")
        for key in self.content:
            yield from content_key_problems("content", key)
        for key in self.binary_content:
            yield from content_key_problems("binaryContent", key)
        for key in sorted(self.content.keys() & self.binary_content.keys()):
            text = "is in content too; keep one of them"
            yield Problem(("binaryContent", key), text, ("content",))
        yield from self._size_problems()

    def _size_problems(self) -> Iterator[Problem]:
        sizes = {key: len(text.encode()) for key, text in self.content.items()}
        for key, text in self.binary_content.items():
            try:
                sizes[key] = len(base64.b64decode(text, validate=True))
            except (binascii.Error, ValueError):
                yield Problem(("binaryContent", key), "is not base64; encode the file's bytes")
        total = sum(sizes.values())
        if total > CONTENT_LIMIT:
            largest = sorted(sizes, key=lambda key: -sizes[key])[:_SHOWN_KEYS]
            shown = ", ".join(f"{key} {sizes[key]}" for key in largest)
            yield Problem(
                ("content",),
                f"has {total} bytes ({shown}); a ConfigMap holds at most {CONTENT_LIMIT}: "
                "make it smaller, or serve large files from elsewhere",
                ("binaryContent",),
            )


class SiteObjects(NamedTuple):
    """The objects of one site, in the order in which they must come to be."""

    config_map: Object
    deployment: Object
    service: Object


def objects(meta: Meta, spec: NginxSite) -> SiteObjects:
    """Return the whole site."""
    content = config_map(meta, spec)
    name = content["metadata"]["name"]
    has_index = "index.html" in spec.content or "index.html" in spec.binary_content
    return SiteObjects(content, deployment(meta, spec, name, has_index=has_index), service(meta))


def config_map(meta: Meta, spec: NginxSite) -> Object:
    """Return the content; its name is NAME-<10 hex of its hash>, so it never needs to change."""
    data = {"data": dict(spec.content), "binaryData": dict(spec.binary_content)}
    files = {field: values for field, values in data.items() if values}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta.metadata(by_content(meta.name, files)),
        "immutable": True,
        **files,
    }


def deployment(meta: Meta, spec: NginxSite, content: Leaf, *, has_index: bool) -> Object:
    """Return the nginx Deployment that serves the ConfigMap named `content`.

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
        volume_mounts=[VolumeMount(name="content", mount_path=ROOT, read_only=True)],
    )
    pod = pod_spec(
        container,
        termination_grace_seconds=_GRACE_SECONDS,
        volumes=[{"name": "content", "configMap": {"name": content}}],
    )
    rollout = Strategy(progress_deadline_seconds=spec.progress_deadline_seconds)
    longest = rollout.longest_seconds(spec.replicas, _GRACE_SECONDS)
    return workloads.deployment(
        meta,
        replicas=spec.replicas,
        rollout=rollout.manifest(),
        pod=pod,
        annotations=workloads.await_at_most(longest, spec.replicas),
    )


def service(meta: Meta) -> Object:
    """Return the Service that serves the site on port 80."""
    return workloads.service(meta, selector=meta.selector, annotations=workloads.SKIP_AWAIT)
