"""What of others lies in a namespace that is to be deleted, and would go with it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kubia.apply import applyset
from kubia.apply.api import NOT_FOUND, Api, Kind, parallel
from kubia.apply.connection import ApiError
from kubia.apply.model import Change, DesiredState
from kubia.errors import KubiaError
from kubia.program.objects import ObjectRef

Live = Mapping[str, Any]

MIRRORS = frozenset({"Endpoints", "PodMetrics"})
"""Kinds that show other objects once more, with their labels."""
DERIVED = MIRRORS | {"Event", "Lease"}
"""Kinds that only say something of other objects."""
EVERYWHERE = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})
"""What the cluster puts into each namespace."""
RECORDS = frozenset({"ConfigMap", "Secret"})
"""Kinds in which kubia keeps what it knows of a stack."""
KEPT = "is kept, for it holds"
GOES = "goes with"
SHOWN = 10
"""Objects of others that are named."""


def of(
    api: Api, desired: DesiredState, deletions: Collection[Change]
) -> Mapping[ObjectRef, list[str]]:
    """Return those of the namespaces to be deleted that hold others' objects, and their names."""
    uids = {change.uid for change in deletions}
    spaces = [change.key for change in deletions if change.key.kind == "Namespace"]
    others = {space: [*_others(api, desired, space.name, uids)] for space in spaces}
    return {space: names for space, names in others.items() if names}


def sentence(space: ObjectRef, names: list[str], fate: str) -> str:
    """Return what a namespace holds of others, and what becomes of it therefore."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{space} {fate} what is not the stack's: {', '.join(names[:SHOWN])}{more}"


def _others(
    api: Api, desired: DesiredState, namespace: str, uids: Collection[str]
) -> Iterator[str]:
    """Yield what is in the namespace, is not the stack's, and was not made from anything there."""

    def ask(kind: Kind) -> list[dict[str, Any]] | None:
        try:
            return api.list(kind, namespace, names_only=True)
        except KubiaError as error:
            # Of a kind whose definition has gone meanwhile, maybe with this stack, nothing is left.
            is_gone = isinstance(error, ApiError) and error.code == NOT_FOUND
            return [] if is_gone else None

    asked = api.kinds_inside(but=DERIVED)
    answers = parallel(ask, asked)
    everything = [item for items in answers for item in items or ()]
    known = {*uids, *(item["metadata"]["uid"] for item in everything)}
    for item in everything:
        if not (item["metadata"]["uid"] in uids or _is_derived(item, desired, known)):
            yield f"{item['kind']} {item['metadata']['name']}"
    for kind, items in zip(asked, answers, strict=True):
        if items is None:
            yield f"{kind.plural}, which cannot be listed"


def _is_derived(item: Live, desired: DesiredState, known: Collection[str]) -> bool:
    """Whether something else stands for it: its owner, the cluster, or the stack's records."""
    metadata = item["metadata"]
    if any(owner["uid"] in known for owner in metadata.get("ownerReferences") or ()):
        return True
    labels = metadata.get("labels") or {}
    stack = {applyset.PROJECT: desired.project, applyset.STACK: desired.stack}
    is_record = item["kind"] in RECORDS and stack.items() <= labels.items()
    return is_record or (item["kind"], metadata["name"]) in EVERYWHERE
