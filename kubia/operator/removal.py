"""What is no longer desired: removed, or left where it is not ours to remove; said either way."""

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubia.manifests.names import site_name
from kubia.manifests.site_source import Source
from kubia.operator.api import CONFIG_MAP, CONTENT, DEPLOYMENT, SERVICE, Api, Failure
from kubia.operator.events import Recorder, Subject
from kubia.operator.model import ChildId, SiteKey, fingerprint
from kubia.operator.ownership import Keeper
from kubia.operator.store import Store
from kubia.operator.writer import Writer

_log = logging.getLogger(__name__)


class _Owner(NamedTuple):
    """A ConfigMap that owns what was made for it, selected or not."""

    namespace: str
    name: str
    uid: str


class Remover:
    """Removes objects of sites by the keeper's rules."""

    def __init__(
        self, api: Api, store: Store, writer: Writer, recorder: Recorder, keeper: Keeper
    ) -> None:
        """Prepare; nothing has been said yet."""
        self._api = api
        self._store = store
        self._writer = writer
        self._recorder = recorder
        self._keeper = keeper
        self._left: dict[SiteKey, dict[ChildId, str]] = {}
        """What was left of each site, and why, as it was said."""

    async def site(self, key: SiteKey) -> None:
        """Remove what a source that is gone, or has lost its label, still owns.

        Garbage collection does it only for one that is gone. An object without owner was orphaned
        (`kubectl delete --cascade=orphan`) and stays.
        """
        because = f"the ConfigMap is no longer one of {self._keeper.selector}"
        await self._remove(key, None, self._objects(key), because)

    async def old_content(self, key: SiteKey, source: Source) -> None:
        """Remove former content once no ReplicaSet has a pod that uses it."""
        deployment = self._store.children.get(ChildId(DEPLOYMENT, key.namespace, source.site))
        if deployment is None or not deployment.settled:
            return
        if deployment.satisfies != fingerprint(DEPLOYMENT, source):
            return
        names = sorted(self._store.content_names.get(key, set()) - {source.content_name})
        objects = [ChildId(CONTENT, key.namespace, name) for name in names]
        await self._remove(key, source, objects, "no pod serves it any more")

    def _objects(self, key: SiteKey) -> Iterator[ChildId]:
        site = site_name(key.name)
        yield ChildId(DEPLOYMENT, key.namespace, site)
        yield ChildId(SERVICE, key.namespace, site)
        for name in sorted(self._store.content_names.get(key, ())):
            yield ChildId(CONTENT, key.namespace, name)

    async def _remove(
        self, key: SiteKey, source: Source | None, objects: Iterable[ChildId], because: str
    ) -> None:
        owner = source.uid if source else ""
        removed: dict[ChildId, str] = {}
        left: dict[ChildId, str] = {}
        try:
            for child_id in objects:
                if source is None and key in self._store.sources:
                    break  # Its label is back; what is left of its site goes on.
                child = self._store.children.get(child_id)
                if child is None or child.key != key or self._keeper.is_foreign(child):
                    continue
                owner = owner or child.owner
                if why := self._keeper.why_left(child, source):
                    left[child_id] = why
                elif await self._writer.delete(child_id, child):
                    removed[child_id] = because
        finally:
            told = self._left.pop(key, {})
            if left:
                self._left[key] = left
            new = {each: why for each, why in left.items() if told.get(each) != why}
            await self._say(key, owner, removed, new)

    async def _say(
        self, key: SiteKey, owner: str, removed: dict[ChildId, str], left: dict[ChildId, str]
    ) -> None:
        if not removed and not left:
            return
        lines = ((logging.INFO, "removed", removed), (logging.WARNING, "left", left))
        for level, verb, objects in lines:
            for (resource, namespace, name), why in objects.items():
                where = {"kind": resource.kind, "namespace": namespace, "object": name}
                _log.log(level, verb, extra={**where, "source": key.name, "why": why})
        subject = await self._living(key, owner)
        if subject and removed:
            self._recorder.normal(subject, "Removed", _sentence("removed", removed))
        if subject and left:
            self._recorder.warning(subject, "Left", _sentence("left", left))

    async def _living(self, key: SiteKey, owner: str) -> Subject | None:
        """Return the ConfigMap to tell it on, if it is still the one that owns or owned them."""
        if key in self._store.sources:
            return self._store.sources[key]
        try:
            metadata = (await self._api.get(CONFIG_MAP.path(*key)))["metadata"]
        except Failure:
            return None
        is_owner = metadata["uid"] == owner and "deletionTimestamp" not in metadata
        return _Owner(*key, owner) if is_owner else None


def _sentence(verb: str, objects: dict[ChildId, str]) -> str:
    by_reason: dict[str, list[str]] = {}
    for each, why in objects.items():
        by_reason.setdefault(why, []).append(f"{each.resource.kind} {each.name}")
    return "; ".join(f"{verb} {', '.join(names)}: {why}" for why, names in by_reason.items())
