"""What is in the cluster, as far as it matters: filled by the streams and by our own writes.

Of an object only a few words stay in memory: content is hashed, manifests are compared at once with
what is wanted. 10,000 sites take some 30 MB.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import NamedTuple

import msgspec

from kubia.live import managed_fields, rollout
from kubia.manifests import site_source
from kubia.manifests.names import HASH_LENGTH
from kubia.manifests.site_source import MANAGED_BY, Site, SiteOptions, Source
from kubia.manifests.values import Object
from kubia.operator import compare
from kubia.operator.api import CONFIG_MAP, CONTENT, DEPLOYMENT, Resource

_KEPT_BYTES = 8 * 2**20
"""How much content of sites not yet made is kept; what is beyond is read again when needed."""


class SiteKey(NamedTuple):
    """Names a source, and thereby its site."""

    namespace: str
    name: str


class ChildId(NamedTuple):
    """Names an object of a site."""

    resource: Resource
    namespace: str
    name: str


class Child(NamedTuple):
    """What is remembered of an object of ours."""

    key: SiteKey
    uid: str
    version: int
    owner: str
    """Uid of the ConfigMap that owns it; empty if none does."""
    ours: bool
    """Whether it carries our label, and no other controller owns it."""
    fit: str
    """The stamp of the wanted state that it satisfies; empty if it satisfies none."""
    shape: int
    """Changes whenever something may have changed that we set; 0 where only looking tells."""
    scaled: bool = False
    """Whether an autoscaler keeps its number of replicas."""
    settled: bool = False
    """Whether all its pods are of the newest template, and available."""
    trouble: str = ""
    """Why it is not up, in the words of its conditions."""
    mounted: str = ""
    """Name of the copy that a Deployment's pods mount."""


def stamp(resource: Resource, source: Source) -> str:
    """Return what the wanted state of an object depends on, apart from the settings."""
    return f"{source.uid}/{source.copy}" if resource is DEPLOYMENT else source.uid


class Store:
    """Sources, and the objects made for them."""

    def __init__(self, options: SiteOptions) -> None:
        """Start empty; ``options`` say what the objects are compared with."""
        self.sources: dict[SiteKey, Source] = {}
        self.children: dict[ChildId, Child] = {}
        self.copies: defaultdict[SiteKey, set[str]] = defaultdict(set)
        self.content: dict[SiteKey, Object] = {}
        self._kept = 0
        self._writing: dict[ChildId, Callable[[], object] | None] = {}
        """Objects being written, each with the last news of it, which waits for the answer."""
        self._sites: dict[tuple[str, str], SiteKey] = {}
        self._site = lru_cache(maxsize=64)(lambda source: site_source.desired(source, options))

    def put(self, resource: Resource, live: Object, fit: str = "") -> SiteKey | None:
        """Take in an object; return the site to look at, or None if nothing changed for it.

        ``fit`` is the stamp of what was just applied, of which ``live`` is the outcome.
        """
        if resource is CONFIG_MAP:
            return self._put_source(live)
        metadata = live["metadata"]
        child_id = ChildId(resource, metadata["namespace"], metadata["name"])
        if child_id in self._writing and not fit:
            self._writing[child_id] = partial(self._put_child, child_id, live, fit)
            return self._key(child_id, live)
        return self._put_child(child_id, live, fit)

    def drop(self, resource: Resource, namespace: str, name: str, version: int) -> SiteKey | None:
        """Forget what is known to be gone since ``version``; return the site to look at."""
        if resource is CONFIG_MAP:
            key = SiteKey(namespace, name)
            source = self.sources.get(key)
            if source is None or source.version > version:
                return None
            del self.sources[key]
            self._sites.pop((namespace, source.site), None)
            self.forget_content(key)
            return key
        child_id = ChildId(resource, namespace, name)
        if child_id in self._writing:
            self._writing[child_id] = partial(self._drop_child, child_id, version)
            child = self.children.get(child_id)
            return child.key if child else None
        return self._drop_child(child_id, version)

    @contextmanager
    def writing(self, child_id: ChildId) -> Iterator[None]:
        """Put off what streams tell of an object until the answer to its write is taken in.

        Mostly they tell of the write itself, which then needs no look; and an object may be gone
        before the answer to its creation comes.
        """
        self._writing[child_id] = None
        try:
            yield
        finally:
            if news := self._writing.pop(child_id):
                news()

    def known(self, resource: Resource, namespace: str) -> Iterator[tuple[str, str]]:
        """Yield namespace and name of each known object; no namespace stands for every one."""
        known: list[tuple[str, str]] = (
            list(self.sources)
            if resource is CONFIG_MAP
            else [
                (each.namespace, each.name)
                for each in self.children.keys() | self._writing.keys()
                if each.resource is resource
            ]
        )
        return (each for each in known if namespace in {"", each[0]})

    def wanted(self, resource: Resource, source: Source, *, scaled: bool) -> Object:
        """Return what an object of a site should be; a copy comes without its content."""
        site: Site = self._site(source)
        if resource is not DEPLOYMENT:
            return site.config_map if resource is CONTENT else site.service
        if not scaled:
            return site.deployment
        spec = {key: value for key, value in site.deployment["spec"].items() if key != "replicas"}
        return {**site.deployment, "spec": spec}

    def forget_content(self, key: SiteKey) -> None:
        """Drop the content that was kept until the site has its copy."""
        if kept := self.content.pop(key, None):
            self._kept -= _size(kept)

    def keys(self) -> set[SiteKey]:
        """Return every site there is or should be."""
        return self.sources.keys() | {child.key for child in self.children.values()}

    def _put_source(self, live: Object) -> SiteKey | None:
        metadata = live["metadata"]
        key = SiteKey(metadata["namespace"], metadata["name"])
        known = self.sources.get(key)
        if known is not None and known.version >= int(metadata["resourceVersion"]):
            return None
        found, content = site_source.read(live)
        self.sources[key] = found
        self._sites[(key.namespace, found.site)] = key
        if known is not None and known._replace(version=found.version) == found:
            return None
        self.forget_content(key)
        copy = self.children.get(ChildId(CONTENT, key.namespace, found.copy))
        if content and copy is None and self._kept + _size(content) <= _KEPT_BYTES:
            self.content[key] = content
            self._kept += _size(content)
        return key

    def _put_child(self, child_id: ChildId, live: Object, fit: str) -> SiteKey | None:
        known = self.children.get(child_id)
        version = int(live["metadata"]["resourceVersion"])
        if known and (known.version > version or (known.version == version and known.fit)):
            return None
        found = self._child(child_id, live, known, fit)
        if found is None:
            if known is not None:
                self._unlink(child_id, known)
            return known.key if known else None
        self.children[child_id] = found
        if child_id.resource is CONTENT:
            self.copies[found.key].add(child_id.name)
        return None if known and known._replace(version=version) == found else found.key

    def _drop_child(self, child_id: ChildId, version: int) -> SiteKey | None:
        child = self.children.get(child_id)
        if child is None or child.version > version:
            return None
        self._unlink(child_id, child)
        return child.key

    def _key(self, child_id: ChildId, live: Object) -> SiteKey | None:
        """Return the site that an object belongs to, by its name or else by its owner."""
        resource, namespace, name = child_id
        site = name[: -HASH_LENGTH - 1] if resource is CONTENT else name
        owner = _owner(live)
        found = self._sites.get((namespace, site))
        return found or (SiteKey(namespace, owner["name"]) if owner else None)

    def _child(
        self, child_id: ChildId, live: Object, known: Child | None, fit: str
    ) -> Child | None:
        """Return what to remember of an object; None if it belongs to no site."""
        key = self._key(child_id, live)
        if key is None:
            return None
        metadata = live["metadata"]
        owner = _owner(live)
        owners = metadata.get("ownerReferences") or ()
        other = any(o.get("controller") and o is not owner for o in owners)
        source = self.sources.get(key)
        deployment = child_id.resource is DEPLOYMENT
        scaled = deployment and managed_fields.is_autoscaled(live)
        shape = _shape(live) if deployment else 0
        if known and shape and known.shape == shape and known.scaled == scaled:
            fit = fit or known.fit
        if not fit and source and not source.problems:
            fit = self._fit(child_id, source, live, scaled=scaled)
        labelled = (metadata.get("labels") or {}).get("app.kubernetes.io/managed-by") == MANAGED_BY
        return Child(
            key=key,
            uid=metadata["uid"],
            version=int(metadata["resourceVersion"]),
            owner=owner["uid"] if owner else "",
            ours=labelled and not other,
            fit=fit,
            shape=shape,
            scaled=scaled,
            settled=deployment and rollout.of_deployment(live).state == "done",
            trouble=next(rollout.problems(live), "") if deployment else "",
            mounted=_mounted(live) if deployment else "",
        )

    def _fit(self, child_id: ChildId, source: Source, live: Object, *, scaled: bool) -> str:
        resource, _, name = child_id
        current = source._replace(copy=name) if resource is CONTENT else source
        want = self.wanted(resource, current, scaled=scaled)
        # Items of a list come without kind and version, copies without content.
        parts = ("metadata",) if resource is CONTENT else ("metadata", "spec")
        want = {part: want[part] for part in parts}
        owned = managed_fields.applied(live, MANAGED_BY)
        if owned is None or not compare.satisfied(want, live):
            return ""
        if resource is not CONTENT and managed_fields.has_leftover(owned, want):
            return ""
        return stamp(resource, source)

    def _unlink(self, child_id: ChildId, child: Child) -> None:
        del self.children[child_id]
        if child_id.resource is CONTENT and (names := self.copies.get(child.key)):
            names.discard(child_id.name)
            if not names:
                del self.copies[child.key]


def _owner(live: Object) -> Object | None:
    """Return the reference to the ConfigMap that owns an object, if one does."""
    owners = live["metadata"].get("ownerReferences") or ()
    return next((each for each in owners if each["kind"] == CONFIG_MAP.kind), None)


def _shape(live: Object) -> int:
    """Return a hash of a Deployment's generation, which counts its spec's changes, and metadata."""
    metadata = live["metadata"]
    parts = ("uid", "generation", "labels", "annotations", "ownerReferences")
    return hash(msgspec.json.encode([metadata.get(part) for part in parts]))


def _size(live: Object) -> int:
    files = (live.get("data") or {}, live.get("binaryData") or {})
    return sum(len(value) for part in files for value in part.values())


def _mounted(live: Object) -> str:
    volumes = {each["name"]: each for each in live["spec"]["template"]["spec"].get("volumes") or ()}
    return str(volumes.get("content", {}).get("configMap", {}).get("name", ""))
