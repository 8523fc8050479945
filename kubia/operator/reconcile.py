"""One look at one site: compare what should be with what is, and have the difference written.

The order is that of need: the content copy, the Deployment that mounts it, the Service; old copies
go last, when no pod uses them.
"""

from collections.abc import Callable, Iterator

from kubia.manifests.site_source import Source
from kubia.operator import diagnosis
from kubia.operator.api import CONTENT, DEPLOYMENT, SERVICE, Api
from kubia.operator.errors import LaterError, RefusedError
from kubia.operator.events import Recorder
from kubia.operator.store import ChildId, SiteKey, Store, stamp
from kubia.operator.throttle import Throttle
from kubia.operator.writer import Writer


class Reconciler:
    """Makes one site at a time what it should be."""

    def __init__(
        self,
        api: Api,
        store: Store,
        recorder: Recorder,
        *,
        limit: int | None,
        may_write: Callable[[], bool],
        dry_run: bool = False,
    ) -> None:
        """Prepare. ``limit`` is how many sites a namespace may have; None stands for any number."""
        self._api = api
        self._store = store
        self._recorder = recorder
        self._limit = limit
        self._writer = Writer(api, store, may_write=may_write, dry_run=dry_run)
        self._dry_run = dry_run
        self._troubles: dict[SiteKey, str] = {}
        self._pace = Throttle(store)

    async def reconcile(self, key: SiteKey) -> None:
        """Make the site of ``key`` what it should be, or raise what keeps it from being so.

        `ApiError` and the transport's errors pass through.
        """
        source = self._store.sources.get(key)
        if source is None:
            self._troubles.pop(key, None)
            await self._remove(key)
        elif not source.deleting:
            # One being deleted is left alone: foreground deletion removes its objects itself, and
            # with others' finalizers it serves until they let it go.
            self._refuse(source)
            await self._keep(key, source)
            await self._tell_trouble(key, source)

    def _refuse(self, source: Source) -> None:
        """Raise if the source cannot have a site; what it may have already stays."""
        if source.problems:
            raise RefusedError(source.problems, reason="Invalid")
        if self._limit is None:
            return
        namespace = (s for s in self._store.sources.values() if s.namespace == source.namespace)
        rank = sum((s.created, s.name) < (source.created, source.name) for s in namespace)
        if rank >= self._limit:
            problem = (
                f"namespace {source.namespace} has {rank} older sites, and the operator allows "
                f"{self._limit}; remove one, or have the operator's limit raised"
            )
            raise RefusedError([problem], reason="LimitReached")

    async def _keep(self, key: SiteKey, source: Source) -> None:
        held = not self._dry_run and self._pace.holds(key, source)
        done = []
        for child_id in _wanted(source):
            child = self._store.children.get(child_id)
            fits = child is not None and child.fit == stamp(child_id.resource, source)
            if fits or (held and child_id.resource is not SERVICE):
                continue
            await self._writer.apply(child_id, child, source)
            if child_id.resource is DEPLOYMENT and child is not None:
                self._pace.rolled(key)
            done.append(f"{child_id.resource.kind} {child_id.name}")
        if done and not self._dry_run:
            address = f"http://{source.site}.{source.namespace}"
            self._recorder.normal(source, "Applied", f"applied {', '.join(done)}; {address}")
        if held:
            raise LaterError
        self._store.forget_content(key)
        await self._remove_old_copies(key, source)

    async def _remove(self, key: SiteKey) -> None:
        """Delete what a source that is gone, or has lost its label, still owns.

        Garbage collection does it only for one that is gone. An object without owner was orphaned
        (`kubectl delete --cascade=orphan`) and stays.
        """
        for child_id in self._objects(key):
            child = self._store.children.get(child_id)
            if child is not None and child.key == key and child.owner and child.ours:
                await self._writer.delete(child_id, child)

    async def _remove_old_copies(self, key: SiteKey, source: Source) -> None:
        """Delete copies of former content once no ReplicaSet has a pod that uses them."""
        deployment = self._store.children.get(ChildId(DEPLOYMENT, key.namespace, source.site))
        if deployment is None or not deployment.settled:
            return
        if deployment.fit != stamp(DEPLOYMENT, source):
            return
        for name in sorted(self._store.copies.get(key, set()) - {source.copy}):
            child_id = ChildId(CONTENT, key.namespace, name)
            child = self._store.children[child_id]
            if child.ours and child.owner in {"", source.uid}:
                await self._writer.delete(child_id, child)

    async def _tell_trouble(self, key: SiteKey, source: Source) -> None:
        child = self._store.children.get(ChildId(DEPLOYMENT, key.namespace, source.site))
        trouble = child.trouble if child else ""
        if trouble == self._troubles.get(key, ""):
            return
        if trouble:
            self._troubles[key] = trouble
            why = await diagnosis.why(self._api, source)
            self._recorder.warning(source, "NotUp", f"{trouble} {why}".strip())
        else:
            del self._troubles[key]
            self._recorder.normal(source, "Up", "the site is up again")

    def _objects(self, key: SiteKey) -> Iterator[ChildId]:
        site = Source(*key, "", 0, "", deleting=False, copy="", has_index=False).site
        yield ChildId(DEPLOYMENT, key.namespace, site)
        yield ChildId(SERVICE, key.namespace, site)
        for name in sorted(self._store.copies.get(key, ())):
            yield ChildId(CONTENT, key.namespace, name)


def _wanted(source: Source) -> Iterator[ChildId]:
    yield ChildId(CONTENT, source.namespace, source.copy)
    yield ChildId(DEPLOYMENT, source.namespace, source.site)
    yield ChildId(SERVICE, source.namespace, source.site)
