"""Makes an object wholly the stack's: nothing but what it declares, and nobody else's to manage.

Server-side apply cannot do that: it removes what we applied before, and leaves what others set
beside it. An update (PUT) can, in one step: what comes of it is the declared object with the
server's own defaults, as if nobody else had ever written. As a dry run it says what drift is and
what a takeover removes. kubectl moves an object from client-side to server-side apply likewise: the
other manager's fields become the applier's, once, so that later changes are no conflict.
"""

import copy
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from kubia.apply import ignored, scaling
from kubia.apply.api import CONFLICT, FIELD_MANAGER, Api
from kubia.apply.connection import ApiError
from kubia.live import left_alone, managed_fields
from kubia.live.left_alone import Left
from kubia.program.objects import ObjectRef

T = TypeVar("T")
Live = Mapping[str, Any]

TRIES = 5
"""How often an object is read again because its controller has written its status meanwhile."""
INVALID = 422
_IMMUTABLE = re.compile(r"immutable|may not change|cannot change|updates to statefulset spec")


class ImmutableError(ApiError):
    """The object differs in what cannot change: it can only be deleted and made again."""


def outcome(api: Api, manifest: Live, live: Live, left: Collection[Left] = ()) -> tuple[Live, Live]:
    """Return the live object and what `take` would make of it. Writes nothing.

    Raises:
        ImmutableError: it cannot be changed into that.
        ApiError: the server refuses the manifest.

    """
    return fresh(api, live, lambda live: (live, _replace(api, manifest, live, left, dry_run=True)))


def take(api: Api, manifest: Live, left: Collection[Left] = ()) -> dict[str, Any]:
    """Let the live object be what the manifest says, and ours but for what is `left`; return it.

    Interrupted, it is right or as before; run again, it is finished.
    """
    key = ObjectRef.of(manifest)
    live = api.get(key)
    if live is None:
        return api.apply(manifest, force=True)
    replaced = fresh(api, live, lambda live: _replace(api, manifest, live, left, dry_run=False))
    applied = api.apply(_ours(manifest, replaced, left), force=True)

    def transfer(live: Live) -> dict[str, Any]:
        ours = managed_fields.transferred(
            live, FIELD_MANAGER, lambda path: left_alone.is_left(path) or path in left
        )
        return rewrite(api, live, ours)

    return fresh(api, applied, transfer)


def rewrite(api: Api, live: Live, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Let these be the object's managedFields, unless somebody was faster; the object afterwards.

    Raises:
        ApiError: the server refuses, for one that it is no longer the live object.

    """
    version = live["metadata"]["resourceVersion"]
    change = {"metadata": {"resourceVersion": version, "managedFields": entries}}
    return api.merge(ObjectRef.of(live), change)


def fresh(api: Api, live: Live, write: Callable[[Live], T]) -> T:
    """Return what `write` makes of the object, read again as often as somebody else was faster.

    Raises:
        ApiError: the server refuses, or is never left in peace.

    """
    for _ in range(TRIES):
        try:
            return write(live)
        except ApiError as error:
            newest = api.get(ObjectRef.of(live)) if error.code == CONFLICT else None
            if newest is None:
                raise
            live = newest
    return write(live)


def _ours(manifest: Live, live: Live, left: Collection[Left]) -> Live:
    """Return the manifest without a wish of its own where it leaves fields to others."""
    paths = [item for item in left if isinstance(item, tuple)]
    return ignored.left_alone(
        manifest, live, [*paths, *([scaling.REPLICAS] if "autoscaled" in left else ())]
    )


def _replace(
    api: Api, manifest: Live, live: Live, left: Collection[Left], *, dry_run: bool
) -> dict[str, Any]:
    body = left_alone.joined(_ours(manifest, live, left), live, left)
    try:
        return api.replace(body, live, dry_run=dry_run)
    except ApiError as error:
        if not _is_immutable(error):
            raise
        # What the cluster itself filled in (a Job's selector, a claim's volume) cannot go either.
        fields = [cause.get("field", "") for cause in error.causes]
    try:
        return api.replace(_filled(body, live, fields), live, dry_run=dry_run)
    except ApiError as error:
        if _is_immutable(error):
            raise ImmutableError(error.code, error.status) from error
        raise


def _is_immutable(error: ApiError) -> bool:
    return error.code == INVALID and bool(_IMMUTABLE.search(str(error)))


def _filled(body: Live, live: Live, fields: Iterable[str]) -> dict[str, Any]:
    """Return the body with the live values, at and below these fields, that it does not declare."""
    filled: dict[str, Any] = copy.deepcopy(dict(body))
    for field in fields:
        ours, theirs = filled, live
        *parents, last = field.split(".")
        for step in parents:
            ours, theirs = ours.setdefault(step, {}), theirs.get(step) or {}
            if not isinstance(ours, dict):
                break
        else:
            if last in theirs:
                ours[last] = _over(ours.get(last), theirs[last])
    return filled


def _over(ours: Any, theirs: Any) -> Any:
    """Return our value laid over theirs, mapping by mapping."""
    if isinstance(ours, dict) and isinstance(theirs, Mapping):
        return {**theirs, **{key: _over(value, theirs.get(key)) for key, value in ours.items()}}
    return theirs if ours is None else ours
