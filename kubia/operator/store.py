"""What is in the cluster, as far as it matters: filled by the reflectors and by our own writes.

Of an object only a few words stay in memory: content is hashed, manifests are compared at once with
the desired state. 10,000 sites take some 30 MB.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial

from kubia.live import managed_fields, rollout
from kubia.manifests import site_source
from kubia.manifests.names import HASH_LENGTH, site_name
from kubia.manifests.site_source import KEPT_BY, MANAGED_BY, Site, SiteOptions, Source
from kubia.manifests.values import Object
from kubia.operator import compare
from kubia.operator.api import CONFIG_MAP, CONTENT, DEPLOYMENT, Resource
from kubia.operator.model import (
    Child,
    ChildId,
    Repair,
    SiteKey,
    content_size,
    fingerprint,
    generation_hash,
    mounted_content,
    owner_reference,
)

_CONTENT_NAME = re.compile(rf"(?P<site>.+)-[0-9a-f]{{{HASH_LENGTH}}}")
_PENDING_BYTES = 8 * 2**20
"""Bytes of content kept of sites that do not have it yet; the rest is read again when needed."""


class Store:
    """Sources, and the objects made for them."""

    def __init__(self, options: SiteOptions) -> None:
        """Start empty; `options` say what the objects are compared with."""
        self.sources: dict[SiteKey, Source] = {}
        self.children: dict[ChildId, Child] = {}
        self.content_names: defaultdict[SiteKey, set[str]] = defaultdict(set)
        """Names of each site's content ConfigMaps: of the newest content, and of former ones."""
        self.pending_content: dict[SiteKey, Object] = {}
        """Content ConfigMaps that are not in the cluster yet, as far as memory allows."""
        self._pending_size = 0
        self._writing: dict[ChildId, Callable[[], object] | None] = {}
        """Objects being written, each with its last change, which waits for the answer."""
        self._sites: dict[tuple[str, str], SiteKey] = {}
        self._site = lru_cache(maxsize=64)(lambda source: site_source.desired(source, options))

    def update(self, resource: Resource, live: Object, satisfies: str = "") -> SiteKey | None:
        """Take in an object; return the site to reconcile, or None if nothing changed for it.

        `satisfies` is the fingerprint of what was just applied, with `live` as the outcome.
        """
        if resource is CONFIG_MAP:
            return self._update_source(live)
        metadata = live["metadata"]
        child_id = ChildId(resource, metadata["namespace"], metadata["name"])
        if child_id in self._writing and not satisfies:
            self._writing[child_id] = partial(self._update_child, child_id, live, satisfies)
            return self._key(child_id, live)
        return self._update_child(child_id, live, satisfies)

    def remove(self, resource: Resource, namespace: str, name: str, version: int) -> SiteKey | None:
        """Forget what is known to be gone since `version`; return the site to reconcile."""
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
            self._writing[child_id] = partial(self._remove_child, child_id, version)
            child = self.children.get(child_id)
            return child.key if child else None
        return self._remove_child(child_id, version)

    @contextmanager
    def writing(self, child_id: ChildId) -> Iterator[None]:
        """Put off what reflectors see of an object until the answer to its write is taken in.

        Mostly they see the write itself, after which there is nothing to reconcile; and an object
        may be gone before the answer to its creation comes.
        """
        self._writing[child_id] = None
        try:
            yield
        finally:
            if change := self._writing.pop(child_id):
                change()

    def names(self, resource: Resource, namespace: str) -> Iterator[tuple[str, str]]:
        """Yield namespace and name of each known object; no namespace stands for every one."""
        names: list[tuple[str, str]] = (
            list(self.sources)
            if resource is CONFIG_MAP
            else [
                (each.namespace, each.name)
                for each in self.children.keys() | self._writing.keys()
                if each.resource is resource
            ]
        )
        return (each for each in names if namespace in {"", each[0]})

    def desired(self, resource: Resource, source: Source, *, scaled: bool) -> Object:
        """Return what an object of a site should be; a content ConfigMap comes without content."""
        site: Site = self._site(source)
        if resource is not DEPLOYMENT:
            return site.config_map if resource is CONTENT else site.service
        if not scaled:
            return site.deployment
        spec = {key: value for key, value in site.deployment["spec"].items() if key != "replicas"}
        return {**site.deployment, "spec": spec}

    def forget_content(self, key: SiteKey) -> None:
        """Drop the content that was kept until it is in the cluster."""
        if content := self.pending_content.pop(key, None):
            self._pending_size -= content_size(content)

    def keys(self) -> set[SiteKey]:
        """Return every site there is or should be."""
        return self.sources.keys() | {child.key for child in self.children.values()}

    def _update_source(self, live: Object) -> SiteKey | None:
        metadata = live["metadata"]
        key = SiteKey(metadata["namespace"], metadata["name"])
        if managed_fields.applied(live, MANAGED_BY) is not None:
            return None  # Content that an operator made, under a selector that matches it.
        former = self.sources.get(key)
        if former is not None and former.version >= int(metadata["resourceVersion"]):
            return None
        source, content = site_source.read(live)
        self.sources[key] = source
        self._sites[(key.namespace, source.site)] = key
        if former is not None and former._replace(version=source.version) == source:
            return None
        self.forget_content(key)
        applied = ChildId(CONTENT, key.namespace, source.content_name) in self.children
        if content and not applied and self._pending_size + content_size(content) <= _PENDING_BYTES:
            self.pending_content[key] = content
            self._pending_size += content_size(content)
        return key

    def _update_child(self, child_id: ChildId, live: Object, satisfies: str) -> SiteKey | None:
        former = self.children.get(child_id)
        version = int(live["metadata"]["resourceVersion"])
        if former and (
            former.version > version or (former.version == version and former.satisfies)
        ):
            return None
        child = self._child(child_id, live, former, satisfies)
        if child is None:
            if former is not None:
                self._unlink(child_id, former)
            return former.key if former else None
        self.children[child_id] = child
        if child_id.resource is CONTENT:
            self.content_names[child.key].add(child_id.name)
        return None if former and former._replace(version=version) == child else child.key

    def _remove_child(self, child_id: ChildId, version: int) -> SiteKey | None:
        child = self.children.get(child_id)
        if child is None or child.version > version:
            return None
        self._unlink(child_id, child)
        return child.key

    def _key(self, child_id: ChildId, live: Object) -> SiteKey | None:
        """Return the site of which an object has the name, known or by its owner."""
        resource, namespace, name = child_id
        match = _CONTENT_NAME.fullmatch(name)
        site = match["site"] if match and resource is CONTENT else name
        if resource is CONTENT and match is None:
            return None
        key = self._sites.get((namespace, site))
        owner = owner_reference(live)
        if key is None and owner and site_name(owner["name"]) == site:
            key = SiteKey(namespace, owner["name"])
        return key

    def _child(
        self, child_id: ChildId, live: Object, former: Child | None, satisfies: str
    ) -> Child | None:
        """Return what to remember of an object; None if it belongs to no site."""
        key = self._key(child_id, live)
        if key is None:
            return None
        metadata = live["metadata"]
        owner = owner_reference(live, key.name)
        owners = metadata.get("ownerReferences") or ()
        other = any(each.get("controller") and each is not owner for each in owners)
        source = self.sources.get(key)
        deployment = child_id.resource is DEPLOYMENT
        scaled = deployment and managed_fields.is_autoscaled(live)
        hashed = generation_hash(live) if deployment else 0
        if former and hashed and former.generation_hash == hashed and former.scaled == scaled:
            satisfies = satisfies or former.satisfies
        repair: Repair = ""
        if not satisfies and source and not source.problems:
            satisfies = self._satisfies(child_id, source, live, scaled=scaled)
            repair = "" if satisfies else self._repair(child_id, source, live)
        return Child(
            key=key,
            uid=metadata["uid"],
            version=int(metadata["resourceVersion"]),
            owner=owner["uid"] if owner else "",
            applied=not other and managed_fields.applied(live, MANAGED_BY) is not None,
            repair=repair,
            mark=(metadata.get("annotations") or {}).get(KEPT_BY, ""),
            satisfies=satisfies,
            generation_hash=hashed,
            scaled=scaled,
            settled=deployment and rollout.of_deployment(live).state == "done",
            trouble=next(rollout.problems(live), "") if deployment else "",
            mounted=mounted_content(live) if deployment else "",
        )

    def _satisfies(self, child_id: ChildId, source: Source, live: Object, *, scaled: bool) -> str:
        """Return the fingerprint of the desired state that an object satisfies; "" if of none."""
        resource, _, name = child_id
        current = source._replace(content_name=name) if resource is CONTENT else source
        whole = self.desired(resource, current, scaled=scaled)
        # Items of a list come without kind and version, content ConfigMaps without content.
        parts = ("metadata",) if resource is CONTENT else ("metadata", "spec")
        desired = {part: whole[part] for part in parts}
        owned = managed_fields.applied(live, MANAGED_BY)
        if owned is None or compare.is_headless(live) or not compare.satisfied(desired, live):
            return ""
        if resource is not CONTENT and managed_fields.has_leftover(owned, desired):
            return ""
        return fingerprint(resource, source)

    def _repair(self, child_id: ChildId, source: Source, live: Object) -> Repair:
        if child_id.resource is CONTENT:
            return ""
        if compare.is_headless(live):
            return "replace"
        desired = self.desired(child_id.resource, source, scaled=False)
        return "seize" if compare.has_lost_items(desired, live) else ""

    def _unlink(self, child_id: ChildId, child: Child) -> None:
        del self.children[child_id]
        if child_id.resource is CONTENT and (names := self.content_names.get(child.key)):
            names.discard(child_id.name)
            if not names:
                del self.content_names[child.key]
