"""Who has the number of a workload's pods: the program, or an autoscaler.

A number that a program takes back from its autoscaler, or lowers while other pods behind the same
Service change, is declared last: until all else is done, the pods that are there stay.
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
    """Whose number of pods waits: those of `waiting`; those of `foreign` are somebody else's."""

    waiting: frozenset[ObjectRef]
    foreign: frozenset[ObjectRef]


def of(
    api: Api,
    manifests: Sequence[Manifest],
    members: Members,
    live: Mapping[ObjectRef, Mapping[str, Any]],
) -> Scaling:
    """Return what autoscalers have to do with the declared workloads that say a number."""
    numbered = {m.key for m in manifests if m.key in live and _number(m.object) is not None}
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


def split(
    manifests: Iterable[Mapping[str, Any]], live: Mapping[ObjectRef, Mapping[str, Any] | None]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the workloads that get more pods than they have, or as many, and those with fewer."""
    every = list(manifests)
    counts = [_number(live.get(ObjectRef.of(manifest)) or {}) or 0 for manifest in every]
    fewer = [
        item for item, count in zip(every, counts, strict=True) if (_number(item) or 0) < count
    ]
    return [item for item in every if item not in fewer], fewer


def _shrinks(change: Change, live: Mapping[ObjectRef, Mapping[str, Any]]) -> bool:
    declared = _number(change.manifest)
    before = _number(live.get(change.key, {}))
    return declared is not None and before is not None and declared < before


def _number(manifest: Mapping[str, Any]) -> int | None:
    number = (manifest.get("spec") or {}).get("replicas")
    return number if isinstance(number, int) else None


def _targets(scalers: Iterable[Mapping[str, Any]]) -> Iterator[ObjectRef]:
    """Yield what the autoscalers among the objects scale."""
    for scaler in scalers:
        if scaler["kind"] == KIND[1]:
            target = scaler["spec"]["scaleTargetRef"]
            group = target.get("apiVersion", "").rpartition("/")[0]
            space = scaler["metadata"]["namespace"]
            yield ObjectRef(group, target["kind"], space, target["name"])
