"""Puts what is declared back, and takes away what was added."""

from kubia.apply import wait
from kubia.apply.api import Api
from kubia.apply.model import DesiredState
from kubia.console import Progress
from kubia.drift.report import Drifted
from kubia.program.objects import ObjectRef


def repair(api: Api, target: DesiredState, drifted: list[Drifted], board: Progress) -> None:
    """Repair every object with drift and wait until its pods are as declared.

    Foreign pods are left: whose they are is not known here.

    Raises:
        KubiaError: a rollout failed.

    """
    mended = [item for item in drifted if item.is_reparable]
    for item in mended:
        if item.anew and item.found is not None:
            uid = item.found["metadata"]["uid"]
            api.delete(item.key, uid)
            wait.until_gone(api, {item.key: uid}, board)
        _take_away(api, item)
        api.apply(item.manifest, force=True)
        board.show({str(item.key): "repaired"})
    manifests = [item.manifest for item in mended]
    failures = wait.for_rollouts(api, target.parent.id, manifests, board)
    if failures:
        raise wait.RolloutError(failures)


def _take_away(api: Api, item: Drifted) -> None:
    """Remove the fields that somebody added, last items first: indices stay right."""
    paths = sorted((finding.steps for finding in item.counted if finding.steps), key=_order)
    if not paths or item.found is None:
        return
    key = ObjectRef.of(item.found)
    version = item.found["metadata"]["resourceVersion"]
    patch = [{"op": "test", "path": "/metadata/resourceVersion", "value": version}]
    patch += [{"op": "remove", "path": "".join(map(_pointer, path))} for path in paths]
    path = api.kind(key.group, key.kind).path(key.namespace, key.name)
    api.connection.request("PATCH", path, None, patch, "application/json-patch+json")


def _order(path: tuple[str | int, ...]) -> tuple[tuple[int, str], ...]:
    """Sorts later items of a list before earlier ones."""
    return tuple((-step, "") if isinstance(step, int) else (0, step) for step in path)


def _pointer(step: str | int) -> str:
    return "/" + str(step).replace("~", "~0").replace("/", "~1")
