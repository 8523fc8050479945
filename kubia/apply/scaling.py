"""Who has the number of a workload's pods: the program, or an autoscaler, whoever declared that.

A number that a program takes back from its autoscaler is declared when that is gone. One that it
lowers while other pods behind the same Service change is declared last: what is there stays until
what takes its place is ready.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kubia.apply import ignored, serving
from kubia.apply.api import Api, if_allowed, parallel
from kubia.apply.model import Change, Members
from kubia.live import managed_fields
from kubia.program.objects import Manifest, ObjectRef

KIND = ("autoscaling", "HorizontalPodAutoscaler")
REPLICAS = ("spec", "replicas")
SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet"})

Scalers = Mapping[ObjectRef, ObjectRef]
"""The autoscaler of each workload that has one."""


@dataclass(frozen=True)
class Scaling:
    """Whose number of pods autoscalers keep, and whose is `taken_back`.

    `foreign` are those of workloads whose autoscaler the stack does not declare.
    """

    scalers: Scalers
    foreign: Scalers
    taken_back: frozenset[ObjectRef]

    def applied(
        self,
        labelled: Mapping[str, Any],
        declared: Manifest,
        live: Mapping[str, Any] | None,
    ) -> Mapping[str, Any]:
        """Return what is applied with a number of pods that autoscalers can go on with."""
        key = declared.key
        if live is not None and key in self.scalers:
            labelled = held(labelled, live)
        return labelled if key in self.foreign else at_least(labelled, declared)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which workloads are scaled by somebody else."""
        return tuple(
            f"replicas of {workload} are left to {scaler}, which the stack does not declare"
            for workload, scaler in sorted(self.foreign.items())
        )


def of(
    api: Api,
    manifests: Sequence[Manifest],
    members: Members,
    live: Mapping[ObjectRef, Mapping[str, Any]],
) -> Scaling:
    """Return what autoscalers have to do with the declared workloads.

    Without knowing who scales in a namespace, nothing is taken back from it but our own.
    """
    declared = {manifest.key for manifest in manifests}
    leaving = {key: item for key, item in members.ours.items() if key not in declared}
    seen = _listed(api, manifests)
    scalers = _by_workload(manifests, seen, leaving)
    numbered = {m.key for m in manifests if m.key in live and _declares_number(m)}
    left = {workload for workload, _ in _pairs(leaving.values())}
    left |= {
        key
        for key in numbered
        if managed_fields.is_autoscaled(live[key]) and seen.get(key.namespace) is not None
    }
    foreign = {workload: it for workload, it in scalers.items() if it not in declared}
    return Scaling(scalers, foreign, frozenset((left & numbered) - scalers.keys()))


def find(api: Api, manifests: Sequence[Manifest]) -> Scalers:
    """Return the autoscalers, live or declared, of the declared workloads.

    Where the cluster does not let us see them, the declared ones are all that is known.
    """
    return _by_workload(manifests, _listed(api, manifests), ())


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
    return _is_scaler(change.key)


def number(manifest: Mapping[str, Any]) -> int | None:
    """Return the number of pods that a workload says, or None."""
    number = (manifest.get("spec") or {}).get("replicas")
    return number if isinstance(number, int) else None


def _shrinks(change: Change, live: Mapping[ObjectRef, Mapping[str, Any]]) -> bool:
    declared = number(change.manifest)
    before = number(live.get(change.key, {}))
    return declared is not None and before is not None and declared < before


def _declares_number(manifest: Manifest) -> bool:
    return number(manifest.object) is not None and REPLICAS not in ignored.paths(manifest)


def _by_workload(
    manifests: Sequence[Manifest],
    seen: Mapping[str, list[dict[str, Any]] | None],
    leaving: Collection[ObjectRef],
) -> Scalers:
    """Return the autoscalers of the declared workloads, but for those that are `leaving`."""
    live = [item for items in seen.values() for item in items or ()]
    # What is declared is named before a stranger's that targets the same.
    pairs = _pairs((*live, *(manifest.object for manifest in manifests)))
    keys = {manifest.key for manifest in manifests}
    return {it: scaler for it, scaler in pairs if it in keys and scaler not in leaving}


def _listed(api: Api, manifests: Sequence[Manifest]) -> Mapping[str, list[dict[str, Any]] | None]:
    """Return the live autoscalers by namespace; None where we may not see them."""
    spaces = sorted({it.key.namespace for it in manifests if it.key.kind in SCALED})
    return dict(zip(spaces, parallel(lambda space: _live(api, space), spaces), strict=True))


def _live(api: Api, namespace: str) -> list[dict[str, Any]] | None:
    if KIND not in api.kinds:
        return []
    return if_allowed(lambda: api.list(api.kinds[KIND], namespace), None)


def _is_scaler(key: ObjectRef) -> bool:
    return (key.group, key.kind) == KIND


def _pairs(objects: Iterable[Mapping[str, Any]]) -> Iterator[tuple[ObjectRef, ObjectRef]]:
    """Yield what the autoscalers among the objects scale, each with the autoscaler."""
    for scaler in objects:
        key = ObjectRef.of(scaler)
        if _is_scaler(key):
            target = scaler["spec"]["scaleTargetRef"]
            group = target.get("apiVersion", "").rpartition("/")[0]
            yield ObjectRef(group, target["kind"], key.namespace, target["name"]), key
