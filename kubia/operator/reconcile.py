"""Reconcile one site: compare what should be with what is, and have the difference written.

The order is that of need: the content, the Deployment that mounts it, the Service; old content goes
last, when no pod uses it.
"""

from collections.abc import Callable, Iterator

from kubia.manifests.site_source import Source
from kubia.operator import diagnosis
from kubia.operator.api import CONTENT, DEPLOYMENT, SERVICE, Api, ApiError
from kubia.operator.errors import LaterError, RefusedError
from kubia.operator.events import Recorder
from kubia.operator.limits import SiteLimit
from kubia.operator.model import ChildId, SiteKey, fingerprint, mounts
from kubia.operator.ownership import Keeper
from kubia.operator.removal import Remover
from kubia.operator.store import Store
from kubia.operator.throttle import Throttle
from kubia.operator.writer import Writer


class Reconciler:
    """Makes one site at a time what it should be."""

    def __init__(
        self,
        api: Api,
        store: Store,
        recorder: Recorder,
        keeper: Keeper,
        *,
        limit: SiteLimit,
        may_write: Callable[[], bool],
        dry_run: bool = False,
    ) -> None:
        """Prepare."""
        self._api = api
        self._store = store
        self._recorder = recorder
        self._limit = limit
        self._writer = Writer(api, store, keeper, may_write=may_write, dry_run=dry_run)
        self._remover = Remover(api, store, self._writer, recorder, keeper)
        self._dry_run = dry_run
        self._not_up: dict[SiteKey, str] = {}
        """Why sites are not up, as their last Event says."""
        self._throttle = Throttle(store)

    async def reconcile(self, key: SiteKey) -> None:
        """Make the site of `key` what it should be.

        Raises:
            RefusedError: it cannot be made as things are.
            StaleError: the store was behind the cluster.
            LaterError: others go first, or it was rolled a moment ago.
            NotLeadingError: another replica leads, or may.
            Failure: the API server refuses, or cannot be reached.

        """
        source = self._store.sources.get(key)
        if source is None:
            self._not_up.pop(key, None)
            await self._remover.site(key)
            self._limit.release(key)
        elif source.deleting:
            # It is left alone: foreground deletion removes its objects itself, and with others'
            # finalizers it serves until they let it go.
            self._limit.pass_on(key, source)
        elif source.problems:
            self._limit.pass_on(key, source)
            raise RefusedError(source.problems, reason="Invalid")
        else:
            self._limit.refuse(key, source)
            await self._apply(key, source)
            await self._record_availability(key, source)

    async def _apply(self, key: SiteKey, source: Source) -> None:
        waits = not self._dry_run and self._throttle.must_wait(key, source)
        applied = []
        failed: RefusedError | ApiError | None = None
        for child_id in _child_ids(source):
            child = self._store.children.get(child_id)
            desired = fingerprint(child_id.resource, source)
            satisfied = child is not None and child.satisfies == desired
            if satisfied or (waits and not self._goes_ahead(child_id, source)):
                continue
            if failed and child is None:
                continue  # What is there already is repaired; nothing new comes of half a site.
            try:
                await self._writer.apply(child_id, child, source)
            except (RefusedError, ApiError) as error:
                if isinstance(error, ApiError) and not error.is_refusal:
                    raise
                self._give_up(child_id, source)
                failed = failed or error
                waits = waits or child_id.resource is CONTENT
                continue
            if child_id.resource is DEPLOYMENT and child is not None:
                self._throttle.record(key)
            applied.append(f"{child_id.resource.kind} {child_id.name}")
        if applied and not self._dry_run:
            address = f"http://{source.site}.{source.namespace}"
            self._recorder.normal(source, "Applied", f"applied {', '.join(applied)}; {address}")
        if failed:
            raise failed
        if waits:
            child = self._store.children.get(ChildId(DEPLOYMENT, key.namespace, source.site))
            raise LaterError(has_new=child is not None and not mounts(child, source))
        self._store.forget_content(key)
        await self._remover.old_content(key, source)

    def _give_up(self, child_id: ChildId, source: Source) -> None:
        """Let another site roll if this one does not, as what failed comes before its rollout."""
        if child_id.resource is not SERVICE:
            self._throttle.give_up(ChildId(DEPLOYMENT, source.namespace, source.site))

    def _goes_ahead(self, child_id: ChildId, source: Source) -> bool:
        """Whether an object is made though the Deployment waits: new pods may need it meanwhile."""
        if child_id.resource is not CONTENT:
            return child_id.resource is SERVICE
        deployment = self._store.children.get(ChildId(DEPLOYMENT, source.namespace, source.site))
        mounted = deployment.mounted if deployment else ""
        return child_id not in self._store.children and child_id.name == mounted

    async def _record_availability(self, key: SiteKey, source: Source) -> None:
        """Record why a site is not up, or that it is up again, when that has changed."""
        child = self._store.children.get(ChildId(DEPLOYMENT, key.namespace, source.site))
        trouble = child.trouble if child else ""
        if trouble == self._not_up.get(key, ""):
            return
        if trouble:
            self._not_up[key] = trouble
            why = await diagnosis.why(self._api, source)
            self._recorder.warning(source, "NotUp", f"{trouble} {why}".strip())
        else:
            del self._not_up[key]
            self._recorder.normal(source, "Up", "the site is up again")


def _child_ids(source: Source) -> Iterator[ChildId]:
    yield ChildId(CONTENT, source.namespace, source.content_name)
    yield ChildId(DEPLOYMENT, source.namespace, source.site)
    yield ChildId(SERVICE, source.namespace, source.site)
