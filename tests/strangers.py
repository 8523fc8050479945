"""Sets a path of a declared object as strangers do, and asks whether drift sees it."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kubia.apply import diff, takeover
from kubia.apply.api import CONFLICT, Api, parallel
from kubia.apply.connection import ApiError
from kubia.apply.model import DesiredState
from kubia.drift import fields
from kubia.live import left_alone
from kubia.program.objects import Manifest, ObjectRef
from tests.conftest import SEED
from tests.schema_paths import Path, Schemas

Live = Mapping[str, Any]
Way = Callable[[Api, Live, dict[str, Any], str], dict[str, Any]]

APPLY = "application/apply-patch+yaml"
SERVERS = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp")


def _ask(
    api: Api, verb: str, live: Live, query: Mapping[str, str], body: Any, content: str
) -> dict[str, Any]:
    key = ObjectRef.of(live)
    path = api.kind(key.group, key.kind).path(key.namespace, key.name)
    query = {"dryRun": "All", "fieldValidation": "Strict", **query}
    answer: dict[str, Any] = api.connection.request(verb, path, query, body, content)
    return answer


def edit(api: Api, live: Live, changed: dict[str, Any], _top: str) -> dict[str, Any]:
    """Put the changed object in the place of the live one, as `kubectl edit` and operators do."""
    query = {"fieldManager": "kubectl-edit"}
    return _ask(api, "PUT", live, query, changed, "application/json")


def client_side_apply(api: Api, live: Live, changed: dict[str, Any], top: str) -> dict[str, Any]:
    """Merge the change, as `kubectl apply` and `kubectl patch` do."""
    query = {"fieldManager": "kubectl-client-side-apply"}
    body = {top: _own(changed)[top]}
    return _ask(api, "PATCH", live, query, body, "application/merge-patch+json")


def server_side_apply(api: Api, live: Live, changed: dict[str, Any], _top: str) -> dict[str, Any]:
    """Apply all of the changed object, where nobody else has another value."""
    return _ask(api, "PATCH", live, {"fieldManager": "argo"}, _own(changed), APPLY)


def forced_apply(api: Api, live: Live, changed: dict[str, Any], _top: str) -> dict[str, Any]:
    """Apply all of the changed object, whoever has what."""
    query = {"fieldManager": "flux", "force": "true"}
    return _ask(api, "PATCH", live, query, _own(changed), APPLY)


def _own(changed: dict[str, Any]) -> dict[str, Any]:
    """Return what somebody who exported the object would hand over."""
    metadata = {key: it for key, it in changed["metadata"].items() if key not in SERVERS}
    return {**{key: it for key, it in changed.items() if key != "status"}, "metadata": metadata}


WAYS: tuple[Way, ...] = (edit, client_side_apply, forced_apply, server_side_apply)


@dataclass
class Tally:
    """What became of the paths. `missed` ones are neither reported nor in the table."""

    counts: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return how many were tried, seen, left alone and refused by the server."""
        words = ("tried", "seen", "left alone", "refused")
        return ", ".join(f"{self.counts[word]} {word}" for word in words)


@dataclass(frozen=True)
class Case:
    """One path of one object, the values to try, and how."""

    manifest: Manifest
    live: Live
    path: Path
    values: list[Any]
    way: Way


def cases(
    schemas: Schemas, pairs: Sequence[tuple[Manifest, Live]], *, each_way: bool
) -> Iterator[Case]:
    """Yield all paths of the objects in an order of chance (SEED), by each way or by one."""
    chance = random.Random(os.environ[SEED])
    every = [
        (manifest, live, path, values)
        for manifest, live in pairs
        for path, values in schemas.changes(live)
    ]
    chance.shuffle(every)
    for number, (manifest, live, path, values) in enumerate(every):
        for way in WAYS if each_way else (WAYS[number % len(WAYS)],):
            yield Case(manifest, live, path, values, way)


def meet(
    api: Api, desired: DesiredState, schemas: Schemas, every: Iterator[Case], seconds: float
) -> Tally:
    """Try the cases, as many as the time allows."""
    tally = Tally()
    deadline = time.monotonic() + seconds

    def one(case: Case) -> tuple[str, str]:
        if time.monotonic() > deadline:
            return "", ""
        return _meet(api, desired, schemas, case), f"{case.manifest.key} {case.path}"

    for outcome, name in parallel(one, every):
        tally.counts.update(["tried", outcome] if outcome else [])
        if outcome == "missed":
            tally.missed.append(name)
    return tally


def _meet(api: Api, desired: DesiredState, schemas: Schemas, case: Case) -> str:
    tries = (_try(api, desired, schemas, case, value) for value in case.values)
    return next(filter(None, tries), "refused")


def _try(api: Api, desired: DesiredState, schemas: Schemas, case: Case, value: Any) -> str:
    """Return whether a value is seen; "" if the server refuses it, or it changes nothing."""
    live = case.live
    for _ in range(takeover.TRIES):
        changed = schemas.changed(live, case.path, value)
        try:
            after = case.way(api, live, changed, str(case.path[0]))
        except ApiError as error:
            if case.way is edit and error.code == CONFLICT:
                live = api.get(case.manifest.key) or live  # a controller was faster
                continue
            return ""
        differing = diff.changes(live, after)
        if not differing:
            return ""
        known, outcome = takeover.outcome(api, desired.applied(case.manifest), after)
        if known is not after:  # It was read again, without what was but a dry run.
            live = known
            continue
        if [*fields.of_outcome(known, outcome, (), strict=False)]:
            return "seen"
        is_left = all(left_alone.is_left(item.steps) for item in differing)
        return "left alone" if is_left else "missed"
    return ""
