"""Which objects wait for others: Pulumi awaits a rollout before it makes what depends on it."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from kubia.live import rollout
from kubia.program.objects import Manifest, ObjectRef


def numbers(manifests: Sequence[Manifest]) -> Mapping[ObjectRef, int]:
    """Return each object's wave: one later than that of any awaited workload it depends on.

    Only dependencies that the program recorded count, through other objects too; all objects that
    depend on no awaited workload are in wave 0.
    """
    return _depths(manifests, _is_awaited)


def turns(manifests: Sequence[Manifest]) -> Mapping[ObjectRef, int]:
    """Return by how many workloads each object comes after others of its wave and kind.

    Those that nobody awaits count, too: what comes after one may need the pods that it has.
    """
    return _depths(manifests, lambda manifest: manifest.key.kind in rollout.WORKLOADS)


def in_turn(
    keys: Sequence[ObjectRef], turn: Mapping[ObjectRef, int]
) -> Iterator[Sequence[ObjectRef]]:
    """Yield objects of one wave and kind, those first on which others depend."""
    for each in sorted({turn[key] for key in keys}):
        yield [key for key in keys if turn[key] == each]


def _depths(
    manifests: Sequence[Manifest], is_counted: Callable[[Manifest], bool]
) -> Mapping[ObjectRef, int]:
    """Return how many of the workloads that count come before each object, one after the other."""
    by_urn = {manifest.resource.urn: manifest for manifest in manifests}
    known: dict[str, int] = {}

    def number(urn: str) -> int:
        if urn not in known:
            needed = [of for of in by_urn[urn].resource.dependencies if of in by_urn]
            known[urn] = max((number(of) + is_counted(by_urn[of]) for of in needed), default=0)
        return known[urn]

    return {manifest.key: number(urn) for urn, manifest in by_urn.items()}


def _is_awaited(manifest: Manifest) -> bool:
    return manifest.key.kind in rollout.WORKLOADS and not rollout.skipped(manifest.object)
