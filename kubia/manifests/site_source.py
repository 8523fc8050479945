"""From a user's ConfigMap to its site: what the operator remembers of it, and makes for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from kubia.errors import InvalidError, Problem
from kubia.manifests import nginx_site, site_content, site_validators
from kubia.manifests.meta import Meta
from kubia.manifests.names import labels_problems, site_name
from kubia.manifests.nginx_site import NginxSite
from kubia.manifests.pods import Resources
from kubia.manifests.values import Object

MANAGED_BY = "kubia-operator"
"""Value of the label by which the operator's objects are found, and its field manager."""
KEPT_BY = "kubia.io/kept-by"
"""Annotation of an operator's objects: which operator keeps them, and for which selector."""
NO_CONTENT = nginx_site.NginxSite()


@dataclass(frozen=True, kw_only=True)
class SiteOptions:
    """What the operator's settings, never a ConfigMap, say about every site."""

    image: str = NO_CONTENT.image
    replicas: int = NO_CONTENT.replicas
    resources: Resources = field(default_factory=Resources)
    keeper: str = ""
    """What the objects note about who keeps them; nothing if empty."""

    @cached_property
    def spec(self) -> NginxSite:
        """What every site has in common."""
        return NginxSite(image=self.image, replicas=self.replicas, resources=self.resources)

    @cached_property
    def pods(self) -> tuple[Object, Object]:
        """The pod of every site without an index page, and with one, but for the content.

        To build it takes longer than all else of a site's objects.
        """
        without, with_ = (nginx_site.pod(self.spec, [], has_index=each) for each in (False, True))
        return without, with_


class Source(NamedTuple):
    """What is remembered of a ConfigMap: all that a site depends on, but its content."""

    namespace: str
    name: str
    uid: str
    version: int
    created: str
    """When, by the API server's clock; it only ranks the ConfigMaps of a namespace."""
    deleting: bool
    """Whether it waits for finalizers; its site is then left as it is."""
    content_name: str
    """Name of the content ConfigMap, which ends in the content's hash; empty if refused."""
    former_name: str
    """Name that the same content had in versions that wrote no validators."""
    has_index: bool
    problems: tuple[str, ...] = ()
    """Why no site can be made of it."""

    @property
    def site(self) -> str:
        """The name of its Deployment and Service."""
        return site_name(self.name)


class Site(NamedTuple):
    """What should be there for a source, in the order in which it must come to be."""

    config_map: Object
    """The content ConfigMap, without the content."""
    deployment: Object
    service: Object


def selector_problems(selector: str) -> Iterator[Problem]:
    """Yield what keeps a selector from telling the ConfigMaps that are sites from others."""
    label, equals, value = selector.partition("=")
    if not equals:
        text = f"is {selector!r}; must be LABEL=VALUE, such as kubia.io/site=true"
        yield Problem(("selector",), text)
        return
    yield from labels_problems("selector", {label: value})
    every = (_meta(name, name).all_labels().items() for name in ("a", "b"))
    if (label, value) in set.intersection(*map(set, every)):
        text = f"is {selector!r}, which what the operator makes bears, too; choose another label"
        yield Problem(("selector",), text)


def read(config_map: Object) -> tuple[Source, Object | None]:
    """Return what is to be remembered of a ConfigMap, and its content ConfigMap.

    The latter is immutable and named by the content's hash; there is none of what is refused.
    """
    metadata = config_map["metadata"]
    data, binary = (_files(config_map, field) for field in ("data", "binaryData"))
    problems: tuple[str, ...] = ()
    content: Object | None = None
    former_name = ""
    try:
        meta = _meta(metadata["namespace"], metadata["name"])
        spec = NginxSite(content=data, binary_content=binary)
        manifest = site_content.one_config_map(meta, spec.content, spec.binary_content)
        former_name = site_content.former_name(meta, data, binary)
        content = _owned(manifest, metadata["name"], metadata["uid"])
    except InvalidError as error:
        problems = error.problems
    source = Source(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        version=int(metadata["resourceVersion"]),
        created=metadata["creationTimestamp"],
        deleting="deletionTimestamp" in metadata,
        content_name=content["metadata"]["name"] if content else "",
        former_name=former_name,
        has_index="index.html" in data or "index.html" in binary,
        problems=problems,
    )
    return source, content


def _files(config_map: Object, field: str) -> dict[str, str]:
    """Return the files; whose ConfigMap is a copy of an operator's has its validators, too."""
    given = config_map.get(field) or {}
    return {key: value for key, value in given.items() if key != site_validators.KEY}


def desired(source: Source, options: SiteOptions) -> Site:
    """Return the site of a source.

    Raises:
        InvalidError: there can be none, with the source's problems.

    """
    if source.problems:
        raise InvalidError(source.problems)
    meta = _meta(source.namespace, source.name)
    name = source.content_name
    content = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta.metadata(name),
        "immutable": True,
    }
    pod = options.pods[source.has_index]
    pod = {**pod, "volumes": [*site_content.plain_volumes(name), *pod["volumes"]]}
    deployment = nginx_site.deployment(meta, options.spec, pod)
    manifests = (content, deployment, nginx_site.service(meta, options.spec))
    site = (_owned(manifest, source.name, source.uid) for manifest in manifests)
    return Site(*(_marked(manifest, options.keeper) for manifest in site))


def _meta(namespace: str, name: str) -> Meta:
    return Meta(name=site_name(name), namespace=namespace, component="site", managed_by=MANAGED_BY)


def _marked(manifest: Object, keeper: str) -> Object:
    if not keeper:
        return manifest
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), KEPT_BY: keeper}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}


def _owned(manifest: Object, name: str, uid: str) -> Object:
    """Return the object owned by the ConfigMap, so that garbage collection removes it in the end.

    `blockOwnerDeletion` stays false: it would need rights on the ConfigMap's finalizers.
    """
    owner = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [owner]}}
