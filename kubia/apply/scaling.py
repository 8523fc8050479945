"""Who has the number of a workload's pods: the program, or an autoscaler.

A number that a program takes back from its autoscaler is declared when that is gone. One that it
lowers while other pods behind the same Service change is declared last: what is there stays until
what takes its place is ready.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kubia.apply import ignored, serving
from kubia.apply.api import Api, parallel
from kubia.apply.model import Change, Members
from kubia.live import managed_fields
from kubia.program.objects import Manifest, ObjectRef

KIND = ("autoscaling", "HorizontalPodAutoscaler")
REPLICAS = ("spec", "replicas")


@dataclass(frozen=True)
class Scaling:
    """Whose number of pods is `taken_back`; a `foreign` autoscaler keeps that of others."""

    taken_back: frozenset[ObjectRef]
    foreign: frozenset[ObjectRef]


def of(
    api: Api,
    manifests: Sequence[Manifest],
    members: Members,
    live: Mapping[ObjectRef, Mapping[str, Any]],
) -> Scaling:
    """Return what autoscalers have to do with the declared workloads that say a number."""
    numbered = {m.key for m in manifests if m.key in live and _declares_number(m)}
    declared = {manifest.key for manifest in manifests}
    gone = (item for key, item in members.ours.items() if key not in declared)
    leaving = set(_targets(gone)) & numbered
    scaled = {key for key in numbered if managed_fields.is_autoscaled(live[key])} - leaving
    staying = {key.namespace for key in scaled} if KIND in api.kinds else set()
    listed = parallel(lambda space: api.list(api.kinds[KIND], space), sorted(staying))
    foreign = scaled & {target for items in listed for target in _targets(items)}
    return Scaling(frozenset(leaving | scaled - foreign), frozenset(foreign))


def held(manifest: Mapping[str, Any], live: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the manifest with the number of pods that there are."""
    return ignored.left_alone(manifest, live, [REPLICAS])


def shrinking_last(
    changes: Iterable[Change],
    manifests: Sequence[Manifest],
    live: Mapping[ObjectRef, Mapping[str, Any]],
) -> Iterator[Change]:
    """Yield the changes; pods that serve beside others which change go after these are ready."""
    changes = list(changes)
    busy = {change.key for change in changes if change.action in {"create", "update"}}
    beside = {
        target.key
        for service in serving.services(manifests, live)
        for target in service.targets
        if busy & {other.key for other in service.targets} - {target.key}
    }
    for change in changes:
        lower = _shrinks(change, live) and change.first is None and change.key in beside
        yield replace(change, first=held(change.manifest, live[change.key])) if lower else change


def at_least(applied: Mapping[str, Any], declared: Manifest) -> Mapping[str, Any]:
    """Return what is applied with no fewer pods than are declared, if it says a number at all.

    An autoscaler takes the pods over that there are; of none it makes none.
    """
    given, least = number(applied), number(declared.object)
    if given is None or least is None or given >= least:
        return applied
    return {**applied, "spec": {**applied["spec"], "replicas": least}}


def is_scaler(change: Change) -> bool:
    """Whether it is about an autoscaler."""
    return (change.key.group, change.key.kind) == KIND


def _shrinks(change: Change, live: Mapping[ObjectRef, Mapping[str, Any]]) -> bool:
    declared = number(change.manifest)
    before = number(live.get(change.key, {}))
    return declared is not None and before is not None and declared < before


def number(manifest: Mapping[str, Any]) -> int | None:
    """Return the number of pods that a workload says, or None."""
    number = (manifest.get("spec") or {}).get("replicas")
    return number if isinstance(number, int) else None


def _declares_number(manifest: Manifest) -> bool:
    return number(manifest.object) is not None and REPLICAS not in ignored.paths(manifest)


def _targets(scalers: Iterable[Mapping[str, Any]]) -> Iterator[ObjectRef]:
    """Yield what the autoscalers among the objects scale."""
    for scaler in scalers:
        if scaler["kind"] == KIND[1]:
            target = scaler["spec"]["scaleTargetRef"]
            group = target.get("apiVersion", "").rpartition("/")[0]
            space = scaler["metadata"]["namespace"]
            yield ObjectRef(group, target["kind"], space, target["name"])
