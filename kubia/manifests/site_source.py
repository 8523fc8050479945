"""From a user's ConfigMap to its site: what the operator remembers of it, and what it wants."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from kubia.errors import InvalidError
from kubia.manifests import nginx_site
from kubia.manifests.meta import Meta
from kubia.manifests.names import site_name
from kubia.manifests.nginx_site import NginxSite
from kubia.manifests.pods import Resources
from kubia.manifests.values import Object

MANAGED_BY = "kubia-operator"
"""Value of the label by which the operator's objects are found, and its field manager."""
NO_CONTENT = nginx_site.NginxSite()


@dataclass(frozen=True, kw_only=True)
class SiteOptions:
    """What the operator's settings, never a ConfigMap, say about every site."""

    image: str = NO_CONTENT.image
    replicas: int = NO_CONTENT.replicas
    resources: Resources = field(default_factory=Resources)

    @cached_property
    def spec(self) -> NginxSite:
        """What every site has in common."""
        return NginxSite(image=self.image, replicas=self.replicas, resources=self.resources)


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
    copy: str
    """Name of the content ConfigMap, which ends in the content's hash; empty if refused."""
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


def read(config_map: Object) -> tuple[Source, Object | None]:
    """Return what is to be remembered of a ConfigMap, and the copy of its content.

    The copy is immutable and named by the content's hash; there is none of what is refused.
    """
    metadata = config_map["metadata"]
    data, binary = config_map.get("data") or {}, config_map.get("binaryData") or {}
    problems: tuple[str, ...] = ()
    copy: Object | None = None
    try:
        meta = _meta(metadata["namespace"], metadata["name"])
        content = nginx_site.config_map(meta, NginxSite(content=data, binary_content=binary))
        copy = _owned(content, metadata["name"], metadata["uid"])
    except InvalidError as err:
        problems = err.problems
    source = Source(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        version=int(metadata["resourceVersion"]),
        created=metadata["creationTimestamp"],
        deleting="deletionTimestamp" in metadata,
        copy=copy["metadata"]["name"] if copy else "",
        has_index="index.html" in data or "index.html" in binary,
        problems=problems,
    )
    return source, copy


def desired(of: Source, options: SiteOptions) -> Site:
    """Return the site of a source; raise `InvalidError` if there can be none."""
    if of.problems:
        raise InvalidError(of.problems)
    meta = _meta(of.namespace, of.name)
    copy = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta.metadata(of.copy),
        "immutable": True,
    }
    deployment = nginx_site.deployment(meta, options.spec, of.copy, has_index=of.has_index)
    wanted = (copy, deployment, nginx_site.service(meta))
    return Site(*(_owned(each, of.name, of.uid) for each in wanted))


def _meta(namespace: str, name: str) -> Meta:
    return Meta(name=site_name(name), namespace=namespace, component="site", managed_by=MANAGED_BY)


def _owned(manifest: Object, name: str, uid: str) -> Object:
    """Return the object owned by the ConfigMap, so that garbage collection removes it in the end.

    ``blockOwnerDeletion`` stays false: it would need rights on the ConfigMap's finalizers.
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
