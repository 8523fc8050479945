"""Who joins in: what is nobody's field, but makes use of the stack's objects, or stands in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kubia import console
from kubia.apply import applyset
from kubia.apply.api import FIELD_MANAGER, Api, Kind, if_allowed, parallel
from kubia.apply.leftovers import MIRRORS
from kubia.apply.model import DesiredState
from kubia.drift import neighbours, pods, rights, traffic
from kubia.drift.model import Drifted, Finding
from kubia.drift.neighbours import Neighbours
from kubia.live import managed_fields
from kubia.live.rollout import WORKLOADS
from kubia.program.objects import Manifest, ObjectRef, order

Live = Mapping[str, Any]

LABELLED_ALIKE = MIRRORS | {"EndpointSlice"}
"""Kinds that bear the labels of what they are made from."""


def find(
    api: Api, pairs: Sequence[tuple[Manifest, Live | None]]
) -> Mapping[ObjectRef, list[Finding]]:
    """Return what is to be said of the live objects, by their keys."""
    live = {manifest.key: item for manifest, item in pairs if item is not None}
    declared = {manifest.key: manifest.object for manifest, _ in pairs}
    seen = {key for key in live if key.kind in {*WORKLOADS, "Service"}}
    spaces = sorted({key.namespace for key in seen})
    around = dict(zip(spaces, parallel(lambda it: neighbours.of(api, it), spaces), strict=True))
    workloads = frozenset(
        str(item["metadata"]["uid"]) for key, item in live.items() if key.kind in WORKLOADS
    )
    accounts = [key for key in live if key.kind == "ServiceAccount"]
    findings: dict[ObjectRef, list[Finding]] = defaultdict(list)
    for key in seen:
        findings[key] += _of(key, live[key], declared[key], around[key.namespace], workloads)
    for key, items in rights.find(api, accounts, declared).items():
        findings[key] += items
    return findings


def members(api: Api, desired: DesiredState) -> Iterator[Drifted]:
    """Yield what bears the label of the stack's set, lies in its namespace, and is not its own.

    Which kinds we may not list is said.
    """
    selector = applyset.members(desired.parent.id)

    def ask(kind: Kind) -> list[dict[str, Any]] | None:
        space = desired.parent.namespace
        return if_allowed(lambda: api.list(kind, space, selector, names_only=True), None)

    kinds = api.kinds_inside(but=LABELLED_ALIKE)
    answers = dict(zip(kinds, parallel(ask, kinds), strict=True))
    hidden = sorted({kind.plural for kind, items in answers.items() if items is None})
    if hidden:
        console.err(f"not looked at: {', '.join(hidden)} (no right to list them)")
    foreign = {
        ObjectRef.of(item): item
        for items in answers.values()
        for item in items or ()
        if not applyset.is_ours(item)
    }
    declared = {manifest.key for manifest in desired.manifests}
    for key in sorted(foreign.keys() - declared, key=order):
        owner = managed_fields.last_other(foreign[key], FIELD_MANAGER)
        text = "bears the label of the stack's set, and was not made by the stack"
        yield Drifted(key, (Finding(text, owner=owner),), {}, foreign[key])


def _of(
    key: ObjectRef, live: Live, declared: Live, around: Neighbours, workloads: frozenset[str]
) -> Iterable[Finding]:
    if key.kind == "Service":
        return traffic.find(live, declared, around, workloads)
    return pods.find(live, around)
