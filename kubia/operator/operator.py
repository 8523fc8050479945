"""Puts the parts together: reflectors fill the store, changed sites are queued and reconciled."""

import asyncio
import logging
import time

from kubia.manifests.site_source import MANAGED_BY, Source
from kubia.operator import metrics
from kubia.operator.api import (
    CONFIG_MAP,
    CONTENT,
    DEPLOYMENT,
    SERVICE,
    Api,
    ApiError,
    Failure,
)
from kubia.operator.errors import LaterError, NotLeadingError, RefusedError, StaleError
from kubia.operator.events import Recorder
from kubia.operator.leader_election import RENEW_SECONDS, LeaderElection
from kubia.operator.limits import SiteLimit
from kubia.operator.model import ChildId, SiteKey, fingerprint, mounts
from kubia.operator.reconcile import Reconciler
from kubia.operator.reflector import Reflector
from kubia.operator.settings import Settings
from kubia.operator.store import Store
from kubia.operator.throttle import ROLL_SECONDS
from kubia.operator.workqueue import WorkQueue

_log = logging.getLogger(__name__)

_WORKERS = 10
"""How many sites are reconciled at once."""
_GRACE_SECONDS = 0.5
"""How long a write under way may take to end when the operator is asked to stop."""
_OUTAGE_SECONDS = 30.0
_REFUSAL_SECONDS = 300.0
"""The longest time between two reconciles of a site: when the server fails, when it refuses."""
_MANY, _MANY_MORE = 5, 10
"""After how many failures in a row a Warning tells of them, and after how many more again."""


class Operator:
    """Keeps the sites of some namespaces, while it leads."""

    def __init__(self, settings: Settings, api: Api, election: LeaderElection | None) -> None:
        """Prepare; without an election, as in a dry run, it takes the lead alone."""
        self.store = Store(settings.options())
        self.queue: WorkQueue[SiteKey] = WorkQueue()
        self._election = election
        self._recorder = Recorder(api, busy=lambda: len(self.queue) > 0, silent=settings.dry_run)
        self._limit = SiteLimit(
            self.store, settings.sites_per_namespace or None, wake=self.queue.add
        )
        self._reconciler = Reconciler(
            api,
            self.store,
            self._recorder,
            settings.keeper(),
            limit=self._limit,
            may_write=election.leads if election else lambda: True,
            dry_run=settings.dry_run,
        )
        self._leading = False
        self._stopping = False
        self._at_work: set[asyncio.Task[None] | None] = set()
        """Workers that have a site in hand."""
        self._refused: dict[SiteKey, str] = {}
        self.scopes = {
            namespace: self._reflectors(api, settings.selector, namespace)
            for namespace in settings.namespaces or ("",)
        }

    def _reflectors(self, api: Api, selector: str, namespace: str) -> tuple[Reflector, ...]:
        children = f"app.kubernetes.io/managed-by={MANAGED_BY}"
        selectors = {
            CONFIG_MAP: selector,
            **dict.fromkeys((CONTENT, DEPLOYMENT, SERVICE), children),
        }
        return tuple(
            Reflector(
                api,
                self.store,
                resource,
                namespace=namespace,
                selector=labels,
                changed=self._changed,
            )
            for resource, labels in selectors.items()
        )

    @property
    def ready(self) -> bool:
        """Whether some namespace's sites are known; one that is forbidden holds up no other."""
        return any(all(each.synced.is_set() for each in scope) for scope in self.scopes.values())

    async def run(self) -> None:
        """Work for ever."""
        async with asyncio.TaskGroup() as group:
            for namespace in self.scopes:
                group.create_task(self._run_scope(namespace))
            group.create_task(self._recorder.run())
            group.create_task(self._election.run(self._lead) if self._election else self._lead())

    async def _run_scope(self, namespace: str) -> None:
        """Run a namespace's reflectors: sources first, as their objects are compared with them."""
        sources, *children = self.scopes[namespace]
        async with asyncio.TaskGroup() as group:
            group.create_task(sources.run())
            await sources.synced.wait()
            for reflector in children:
                group.create_task(reflector.run())
            for reflector in children:
                await reflector.synced.wait()
            _log.info("synced", extra={"namespace": namespace or "all"})
            self._queue_all()

    def _synced(self, namespace: str) -> bool:
        scope = self.scopes.get(namespace) or self.scopes.get("", ())
        return all(each.synced.is_set() for each in scope)

    def _changed(self, key: SiteKey) -> None:
        if self._leading and self._synced(key.namespace):
            self.queue.add(key)

    def _queue_all(self) -> None:
        self._limit.reset()
        for key in self.store.keys() if self._leading else ():
            if self._synced(key.namespace):
                self.queue.add(key, backlog=True)

    async def _lead(self) -> None:
        """Reconcile sites until cancelled; then let writes under way end."""
        self._leading, self._stopping = True, False
        self._queue_all()
        workers = [asyncio.create_task(self._work()) for _ in range(_WORKERS)]
        try:
            # Unlike `gather`, this leaves them be when it is cancelled. None ends unless it breaks.
            ended, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
            for worker in ended:
                worker.result()
        finally:
            self._leading, self._stopping = False, True
            for worker in set(workers) - self._at_work:
                worker.cancel()
            await asyncio.wait(workers, timeout=_GRACE_SECONDS)
            for worker in workers:
                worker.cancel()
            # Last, as those that ended may have queued theirs again.
            self.queue.clear()
            self._refused.clear()

    async def _work(self) -> None:
        worker = asyncio.current_task()
        while not self._stopping:
            key = await self.queue.get()
            self._at_work.add(worker)
            began = time.perf_counter()
            try:
                await self._reconcile(key)
            finally:
                self.queue.done(key)
                self._at_work.discard(worker)
                metrics.RECONCILE.observe(time.perf_counter() - began)

    async def _reconcile(self, key: SiteKey) -> None:
        where = {"namespace": key.namespace, "source": key.name}
        try:
            await self._reconciler.reconcile(key)
        except StaleError as error:
            self.queue.retry(key, _OUTAGE_SECONDS)
            self._failed(key, "Conflict", str(error) or "its objects change all the time")
        except LaterError as error:
            self.queue.forget(key)
            self._refused.pop(key, None)
            self.queue.add_after(key, ROLL_SECONDS, backlog=not error.has_new)
        except NotLeadingError:
            # Paused for longer than its lease lasts, it may lead on without a break.
            self.queue.add_after(key, RENEW_SECONDS)
        except RefusedError as error:
            self._refuse(key, error.reason, str(error))
            self.queue.retry(key, _REFUSAL_SECONDS)
        except Failure as error:
            self._retry(key, error)
        except Exception as error:  # noqa: BLE001 - a bug in one site must not stop the others
            _log.exception("reconcile failed unexpectedly", extra=where)
            metrics.ERRORS.labels(metrics.BUG).inc()
            self.queue.retry(key, _REFUSAL_SECONDS)
            self._failed(key, metrics.BUG, f"a mistake of the operator's own: {error!r}")
        else:
            self.queue.forget(key)
            self._refused.pop(key, None)

    def _retry(self, key: SiteKey, error: Exception) -> None:
        refusal, wait, reason = False, 0.0, type(error).__name__
        if isinstance(error, ApiError):
            refusal = error.is_refusal
            wait, reason = error.retry_after or 0.0, error.reason
        if refusal:
            self._refuse(key, reason, f"the API server refuses: {error}")
        else:
            metrics.ERRORS.labels(reason).inc()
        most = _REFUSAL_SECONDS if refusal else _OUTAGE_SECONDS
        seconds = self.queue.retry(key, most, wait)
        if not refusal:
            self._failed(key, reason, str(error) or repr(error))
        _log.warning(
            "reconcile failed, will retry",
            extra={
                "namespace": key.namespace,
                "source": key.name,
                "seconds": round(seconds, 1),
                "error": str(error) or repr(error),
            },
        )

    def _failed(self, key: SiteKey, reason: str, problem: str) -> None:
        """Note a failure that may pass by itself; tell of it once it has come again and again."""
        self._refused.pop(key, None)
        source = self.store.sources.get(key)
        if source and self.queue.failures(key) % _MANY_MORE == _MANY:
            message = f"the site cannot be made what it should be, and is tried again: {problem}"
            self._recorder.warning(source, reason, message)

    def _refuse(self, key: SiteKey, reason: str, message: str) -> None:
        metrics.ERRORS.labels(reason).inc()
        self._refused[key] = reason
        if source := self.store.sources.get(key):
            self._recorder.warning(source, reason, message)

    def measure(self) -> None:
        """Set the gauges; they are read, not kept."""
        now = asyncio.get_running_loop().time()
        metrics.QUEUE.set(len(self.queue))
        for scope in self.scopes.values():
            # Of a namespace that was never to be read, only the sources are asked for.
            for each in (reflector for reflector in scope if reflector.started):
                metrics.WATCH_AGE.labels(each.name).set(now - each.last_contact)
        metrics.SITES.clear()
        for state, count in self._states().items():
            metrics.SITES.labels(state).set(count)

    def _states(self) -> dict[str, int]:
        """Return how many sites are in each state; the leader knows, others say nothing."""
        if not self._leading:
            return {}
        counts = dict.fromkeys(("up", "not_up", "refused", "pending"), 0)
        for key, source in self.store.sources.items():
            counts[self._state(key, source)] += 1
        return counts

    def _state(self, key: SiteKey, source: Source) -> str:
        if key in self._refused:
            return "refused"
        deployment, service = (
            self.store.children.get(ChildId(resource, key.namespace, source.site))
            for resource in (DEPLOYMENT, SERVICE)
        )
        if deployment and deployment.trouble:
            return "not_up"
        # One that waits for its turn in a rollout without new content serves what it should.
        serves = deployment and deployment.settled and mounts(deployment, source)
        reached = service and service.satisfies == fingerprint(SERVICE, source)
        return "up" if serves and reached and self.queue.failures(key) < _MANY else "pending"
