"""Whether what a program declares is what runs, so that a stack can change hands as it is."""

from collections.abc import Collection, Iterator

from kubia.apply import handover, plan, text
from kubia.apply.api import Api
from kubia.apply.model import Plan
from kubia.live import rollout
from kubia.manifests.meta import ONE_WRITER
from kubia.program.objects import ObjectRef, order


def problems(
    api: Api, planned: Plan, known: Collection[ObjectRef], *, is_complete: bool
) -> Iterator[str]:
    """Yield why the stack cannot change hands.

    Pulumi's state holds the objects `known`, all that are declared if it `is_complete`.
    """
    yield from _of_writer(planned)
    yield from _of_plan(planned)
    yield from _waiting(api, planned)
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
    for key in planned.in_use:
        yield f"{key} is no longer declared, but a rollout that stands still needs it"
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
