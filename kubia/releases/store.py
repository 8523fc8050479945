"""Releases in the cluster: a Secret each, in the stack's namespace, as Helm keeps its own.

They carry labels that select them, but not the ApplySet's: they belong to no version.
"""

import base64
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kubia import console
from kubia.apply import applyset
from kubia.apply.api import CONFLICT, Api, parallel
from kubia.apply.connection import ApiError
from kubia.apply.model import DesiredState
from kubia.program.objects import ObjectRef
from kubia.releases import ledger
from kubia.releases.release import Release, decode, encode

TYPE = "kubia.io/release"
LABEL = "kubia.io/release"
NAMED = "-release-"
"""What stands in a Secret's name between the stack's record and the number."""
MARK = "kubia.io/write"
"""Annotation: says of two releases with the same number which one was written."""
KEPT = 20
"""Releases that are kept of a stack, besides the newest good one."""
LIMIT = 1_000_000
"""Bytes that a Secret may hold, with some room."""
ALL = 10_000_000
"""Bytes that the records of a stack may hold together: all of them are read by each `up`."""


def load(api: Api, desired: DesiredState) -> list[Release]:
    """Return the stack's releases, oldest first; which cannot be read is said."""
    releases = [_read(secret) for secret in _listed(api, desired)]
    known = (item for item in releases if item is not None)
    return ledger.marked(sorted(known, key=lambda item: item.number))


def add(api: Api, desired: DesiredState, release: Release) -> Release:
    """Write a new release; with the next number that is free, if somebody was faster.

    Nobody was if it is this very one: its answer was lost on the way, and the request tried again.
    """
    mark = {MARK: uuid.uuid4().hex}
    while True:
        body = manifest(desired, release.number, encode(release))
        body["metadata"]["annotations"] = mark
        try:
            api.create(body)
        except ApiError as error:
            if error.code != CONFLICT:
                raise
            live = api.get(ObjectRef.of(body)) or {"metadata": {}}
            if mark.items() <= (live["metadata"].get("annotations") or {}).items():
                return release
            release = replace(release, number=release.number + 1)
        else:
            return release


def save(api: Api, desired: DesiredState, release: Release) -> None:
    """Write a release that has changed."""
    api.apply(manifest(desired, release.number, encode(release)), force=True)


def remove(api: Api, desired: DesiredState, numbers: Collection[int]) -> None:
    """Delete the releases that have these numbers."""
    if numbers:
        _delete(api, [item for item in _listed(api, desired) if _number(item) in numbers])


def surplus(releases: Sequence[Release]) -> set[int]:
    """Return the numbers of the releases that are not kept.

    Kept are the last KEPT of them, as far as they fit in ALL bytes; and whatever their age, the one
    that serves and the one that a rollback goes to.
    """
    needed = (ledger.serving(releases), ledger.previous(releases))
    staying = {item.number for item in (*needed, releases[-1]) if item is not None}
    room = ALL - sum(len(encode(item)) for item in releases if item.number in staying)
    for item in reversed(releases[-KEPT:]):
        if item.number in staying:
            continue
        room -= len(encode(item))
        if room < 0:
            break
        staying.add(item.number)
    return {item.number for item in releases} - staying


def forget(api: Api, desired: DesiredState) -> None:
    """Delete all releases: the stack is gone."""
    _delete(api, _listed(api, desired))


def manifest(desired: DesiredState, number: int, data: bytes) -> dict[str, Any]:
    """Return the Secret of a release."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"{desired.parent.name}{NAMED}{number}",
            "namespace": desired.parent.namespace,
            "labels": {
                applyset.PROJECT: desired.project,
                applyset.STACK: desired.stack,
                LABEL: str(number),
            },
        },
        "type": TYPE,
        "data": {"release": base64.b64encode(data).decode()},
    }


def fitting(release: Release) -> Release:
    """Return the release without what is too large for a Secret, so that it surely fits."""
    parts: tuple[dict[str, Any], ...] = (
        {"sites": None},
        {"document": None},
        {"diff": ()},
        {"images": {}},
    )
    for part in parts:
        if len(encode(release)) <= LIMIT:
            break
        release = replace(release, **part)
    return release


def _listed(api: Api, desired: DesiredState) -> list[dict[str, Any]]:
    """Return the Secrets of the stack's releases, and no copies of these, which are called else."""
    selector = f"{applyset.PROJECT}={desired.project},{applyset.STACK}={desired.stack},{LABEL}"
    secrets = api.list(api.kind("", "Secret"), desired.parent.namespace, selector)
    return [
        secret
        for secret in secrets
        if secret.get("type") == TYPE
        and secret["metadata"]["name"] == f"{desired.parent.name}{NAMED}{_number(secret)}"
    ]


def _read(secret: Mapping[str, Any]) -> Release | None:
    """Return the release; None, which is said, for what cannot be read."""
    try:
        release = decode(base64.b64decode((secret.get("data") or {}).get("release", "")))
    except ValueError as error:
        why = str(error)
    else:
        if release.number == _number(secret):
            return release
        why = f"it holds release {release.number}"
    console.err(
        f"release {_number(secret)} cannot be read and is left out, for "
        f"{ObjectRef.of(secret)} is damaged ({why}): put it back from a backup, or delete it."
    )
    return None


def _number(secret: Mapping[str, Any]) -> int:
    text = str(secret["metadata"]["name"]).rpartition(NAMED)[2]
    return int(text) if text.isdigit() else 0


def _delete(api: Api, secrets: Sequence[Mapping[str, Any]]) -> None:
    parallel(lambda item: api.delete(ObjectRef.of(item), item["metadata"]["uid"]), secrets)
