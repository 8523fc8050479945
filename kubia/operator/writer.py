"""The two writes that are made to the objects of a site: apply and delete.

Each names the object's uid, or that there must be none, so that it can neither hit a stranger nor,
repeated, do more than once.
"""

import logging
from collections.abc import Callable
from typing import NoReturn

from kubia.live import managed_fields
from kubia.manifests import site_source
from kubia.manifests.site_source import MANAGED_BY, Source
from kubia.manifests.values import Object
from kubia.operator import metrics
from kubia.operator.api import (
    CONFIG_MAP,
    CONFLICT,
    CONTENT,
    DEPLOYMENT,
    NOT_FOUND,
    Api,
    ApiError,
)
from kubia.operator.errors import NotLeadingError, RefusedError, StaleError
from kubia.operator.model import Child, ChildId, SiteKey, fingerprint
from kubia.operator.ownership import Keeper
from kubia.operator.store import Store

_log = logging.getLogger(__name__)

_MUST_NOT_EXIST = "1"
"""As the resourceVersion of what is applied: no object has it, so only creating can succeed."""


class Writer:
    """Writes while it may."""

    def __init__(
        self,
        api: Api,
        store: Store,
        keeper: Keeper,
        *,
        may_write: Callable[[], bool],
        dry_run: bool,
    ) -> None:
        """Prepare; in a dry run, writes are only logged."""
        self._api = api
        self._store = store
        self._keeper = keeper
        self._may_write = may_write
        self._dry_run = dry_run

    async def apply(self, child_id: ChildId, child: Child | None, source: Source) -> None:
        """Make an object what it should be; `child` is what is known of it, if it is there.

        Raises:
            RefusedError: it is somebody else's.
            StaleError: the store was behind the cluster.
            NotLeadingError: another replica leads, or may.
            Failure: the API server refuses, or cannot be reached.

        """
        resource = child_id.resource
        self._refuse(child_id, child, source)
        desired = await self._manifest(child_id, child, source)
        condition = {"uid": child.uid} if child else {"resourceVersion": _MUST_NOT_EXIST}
        desired = {**desired, "metadata": {**desired["metadata"], **condition}}
        if self._skips("apply", child_id):
            return
        if child is not None and child.repair == "replace":
            await self._replace(child_id, child, source, "it has no cluster IP")
        try:
            with self._store.writing(child_id):
                live = await self._applied(child_id, child, desired)
                self._store.update(resource, live, fingerprint(resource, source))
        except ApiError as error:
            if error.status == CONFLICT:
                await self._catch_up(child_id, source, error.message)
            if error.is_of_object and child is not None:
                await self._replace(child_id, child, source, error.message)
            raise
        if child_id not in self._store.children:
            raise StaleError  # It was deleted before the answer came.

    async def _applied(self, child_id: ChildId, child: Child | None, desired: Object) -> Object:
        """Apply; where the server cannot merge it with what others wrote, without that."""
        resource, namespace, name = child_id
        path = resource.path(namespace, name)
        if child is not None and child.repair == "seize":
            await self._seize(child_id, child)
            return await self._api.apply(path, desired)
        try:
            return await self._api.apply(path, desired, metadata_only=resource.metadata_only)
        except ApiError as error:
            if not error.is_of_object or child is None or resource is CONTENT:
                raise
        await self._seize(child_id, child)
        return await self._api.apply(path, desired)

    async def _seize(self, child_id: ChildId, child: Child) -> None:
        """Make all of an object's spec ours, so that applying removes what we do not declare."""
        resource, namespace, name = child_id
        path = resource.path(namespace, name)
        live = await self._api.get(path)
        metadata = {
            "uid": child.uid,
            "resourceVersion": live["metadata"]["resourceVersion"],
            "managedFields": managed_fields.seized(live, MANAGED_BY, _is_theirs),
        }
        metrics.WRITES.labels(resource.plural, "merge").inc()
        await self._api.merge(path, {"metadata": metadata})

    async def _replace(
        self, child_id: ChildId, child: Child, source: Source, problem: str
    ) -> NoReturn:
        """Make an object anew that cannot be made what it should be; never one with pods."""
        resource, namespace, name = child_id
        if resource is CONTENT and self._keeper.why_left(child, source):
            raise self._not_ours(child_id, child, source)
        if resource is DEPLOYMENT or self._keeper.why_left(child, source):
            kind = resource.kind
            text = (
                f"{kind} {name} cannot be made what it should be: {problem}; if somebody "
                f"changed it: kubectl delete {kind.lower()} {name} -n {namespace} has it made anew"
            )
            raise RefusedError([text], reason="Invalid")
        await self.delete(child_id, child)
        raise StaleError

    async def _manifest(self, child_id: ChildId, child: Child | None, source: Source) -> Object:
        """Return what to apply; content is at hand, or read again from its source."""
        if child_id.resource is not CONTENT:
            scaled = child is not None and child.scaled
            return self._store.desired(child_id.resource, source, scaled=scaled)
        content = self._store.pending_content.get(SiteKey(source.namespace, source.name))
        if content is None:
            path = CONFIG_MAP.path(source.namespace, source.name)
            _, content = site_source.read(await self._api.get(path))
        desired = self._store.desired(CONTENT, source, scaled=False)
        if content is None or content["metadata"]["name"] != desired["metadata"]["name"]:
            raise StaleError  # It changed again; the watch is about to say so.
        return {**content, "metadata": desired["metadata"]}

    async def _catch_up(self, child_id: ChildId, source: Source, conflict: str) -> None:
        """Read what a write collided with into the store; an error says what to do about it."""
        resource, namespace, name = child_id
        try:
            live = await self._api.get(resource.path(namespace, name))
        except ApiError as error:
            if error.status != NOT_FOUND:
                raise
            if former := self._store.children.get(child_id):
                self._store.remove(resource, namespace, name, former.version)
            raise StaleError(conflict) from error
        self._store.update(resource, live)
        child = self._store.children.get(child_id)
        if child is not None and not self._keeper.may_apply(child, source):
            # No watch says when a stranger goes, so it is not remembered but met again.
            self._store.remove(resource, namespace, name, child.version)
        self._refuse(child_id, child, source)
        raise StaleError(conflict)

    def _refuse(self, child_id: ChildId, child: Child | None, source: Source) -> None:
        if child is not None and not self._keeper.may_apply(child, source):
            raise self._not_ours(child_id, child, source)

    def _not_ours(self, child_id: ChildId, child: Child, source: Source) -> RefusedError:
        problem = self._keeper.not_ours(child_id, child, source.site)
        return RefusedError([problem], reason="NotOurs")

    async def delete(self, child_id: ChildId, child: Child) -> bool:
        """Delete exactly what the store knows; return whether it was, as in a dry run it is not.

        Raises:
            StaleError: it has changed since.
            NotLeadingError: another replica leads, or may.
            Failure: the API server refuses, or cannot be reached.

        """
        resource, namespace, name = child_id
        if self._skips("delete", child_id):
            return False
        body = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Background",
            "preconditions": {"uid": child.uid, "resourceVersion": str(child.version)},
        }
        try:
            await self._api.write("DELETE", resource.path(namespace, name), body)
        except ApiError as error:
            if error.status == CONFLICT:
                live = await self._api.get(resource.path(namespace, name))
                self._store.update(resource, live)
                raise StaleError(error.message) from error
            if error.status != NOT_FOUND:
                raise
        self._store.remove(resource, namespace, name, child.version)
        return True

    def _skips(self, verb: str, child_id: ChildId) -> bool:
        """Return whether a write is only shown; count it; refuse one that is not ours to make."""
        if not self._may_write():
            raise NotLeadingError
        if not self._dry_run:
            metrics.WRITES.labels(child_id.resource.plural, verb).inc()
            return False
        where = {"kind": child_id.resource.kind, "namespace": child_id.namespace}
        _log.info("would write", extra={"verb": verb, **where, "object": child_id.name})
        return True


def _is_theirs(path: managed_fields.Path) -> bool:
    """Whether others keep a field of an object whose spec is all made ours: of its metadata."""
    return path[0] == "metadata" or path[:3] == ("spec", "template", "metadata")
