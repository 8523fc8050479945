"""Whether what a program declares is what runs, so that a stack can change hands as it is."""

from collections.abc import Collection, Iterator

from kubia.apply import diff, handover, ignored, plan, scaling, text
from kubia.apply.api import Api
from kubia.apply.keeper import EngineName
from kubia.apply.model import Plan
from kubia.live import rollout
from kubia.manifests.meta import ONE_WRITER
from kubia.program.objects import Manifest, ObjectRef, order
from kubia.program.values import Path


def problems(
    api: Api, planned: Plan, known: Collection[ObjectRef], *, to: EngineName, is_complete: bool
) -> Iterator[str]:
    """Yield why the stack cannot change hands.

    Pulumi's state holds the objects `known`, all that are declared if it `is_complete`.
    """
    yield from _of_writer(planned)
    yield from _of_plan(planned)
    yield from _waiting(api, planned)
    if to == "pulumi":
        yield from _left_to_others(api, planned)
    declared = {manifest.key for manifest in planned.desired.manifests}
    for key in handover.strays(api, declared, known):
        yield f"{key} is in Pulumi's state and no longer declared"
    for key in sorted(declared.difference(known) if is_complete else (), key=order):
        yield f"{key} is not in Pulumi's state: is its backend the one that you are logged in to?"


def _of_writer(planned: Plan) -> Iterator[str]:
    for manifest in planned.desired.manifests:
        noted = manifest.object["metadata"].get("annotations") or {}
        for name, value in ONE_WRITER.items():
            if noted.get(name) != value:
                yield (
                    f"{manifest.key} would have two field managers: "
                    f"declare the annotation {name}: {value}"
                )


def _of_plan(planned: Plan) -> Iterator[str]:
    for change in planned.of("create"):
        yield f"{change.key} is declared and not there"
    for change in planned.of("delete"):
        yield f"{change.key} is there and no longer declared"
    for key in planned.staying:
        yield f"{key} is no longer declared, but is needed or holds what others have"
    for change in planned.of("update"):
        fields = handover.substance(change)
        if fields:
            yield f"{change.key} differs:"
        for field in fields:
            yield from text.of_field(field)


def _waiting(api: Api, planned: Plan) -> Iterator[str]:
    """Yield the workloads whose rollout has not ended: the other engine would wait for it."""
    awaited = [
        manifest.key
        for manifest in planned.desired.manifests
        if manifest.key.kind in rollout.WORKLOADS and not rollout.skipped(manifest.object)
    ]
    for key, live in plan.present(api, awaited).items():
        status = rollout.progress(live)
        if status.state != "done":
            yield f"{key} is not rolled out: {status.text}"


def _left_to_others(api: Api, planned: Plan) -> Iterator[str]:
    """Yield the fields that others have set and that Pulumi would write as it takes objects up.

    What is ignored it heeds only of objects that it has in its state already.
    """
    paths = {manifest.key: [*_theirs(manifest)] for manifest in planned.desired.manifests}
    live = plan.present(api, [key for key, fields in paths.items() if fields])
    for manifest in planned.desired.manifests:
        if manifest.key in live:
            kept = ignored.as_live(manifest.object, live[manifest.key], paths[manifest.key])
            for field in diff.changes(kept, manifest.object, manifest.resource.secrets):
                yield (
                    f"{manifest.key}: {field.path} is left to others, and Pulumi would write it "
                    f"once ({text.short(field.old)} → {text.short(field.new)}): declare what it is "
                    "for the move (minReplicas, if it is an autoscaler's number)"
                )


def _theirs(manifest: Manifest) -> Iterator[Path]:
    """Yield the paths that are left to others, or would be to an autoscaler."""
    yield from ignored.paths(manifest)
    if scaling.number(manifest.object) is not None:
        yield scaling.REPLICAS
