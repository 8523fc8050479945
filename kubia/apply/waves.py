"""Which objects wait for others: Pulumi awaits a rollout before it makes what depends on it."""

from collections.abc import Mapping, Sequence

from kubia.live import rollout
from kubia.program.objects import Manifest, ObjectRef


def numbers(manifests: Sequence[Manifest]) -> Mapping[ObjectRef, int]:
    """Return each object's wave: one later than that of any awaited workload it depends on.

    Only dependencies that the program recorded count, through other objects too; all objects that
    depend on no awaited workload are in wave 0.
    """
    by_urn = {manifest.resource.urn: manifest for manifest in manifests}
    known: dict[str, int] = {}

    def number(urn: str) -> int:
        if urn not in known:
            needed = [of for of in by_urn[urn].resource.dependencies if of in by_urn]
            known[urn] = max((number(of) + _is_awaited(by_urn[of]) for of in needed), default=0)
        return known[urn]

    return {manifest.key: number(urn) for urn, manifest in by_urn.items()}


def _is_awaited(manifest: Manifest) -> bool:
    return manifest.key.kind in rollout.WORKLOADS and not rollout.skipped(manifest.object)
