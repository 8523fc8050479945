"""Puts what is declared back, and takes away what was added."""

from kubia.apply import wait
from kubia.apply.api import Api
from kubia.apply.wait import TIMING, Timing
from kubia.console import Progress
from kubia.drift.model import Drifted
from kubia.program.objects import ObjectRef


def repair(
    api: Api,
    drifted: list[Drifted],
    progress: Progress,
    *,
    timing: Timing = TIMING,
) -> None:
    """Repair every object with drift and wait until its pods are as declared; `timing` says how.

    Foreign pods are left: whose they are is not known here.

    Raises:
        RolloutError: new pods did not become ready in time.

    """
    reparable = [item for item in drifted if item.is_reparable]
    for item in reparable:
        if item.must_replace and item.live is not None:
            uid = item.live["metadata"]["uid"]
            api.delete(item.key, uid)
            wait.until_gone(api, {item.key: uid}, progress)
        _take_away(api, item)
        api.apply(item.manifest, force=True)
        progress.show({str(item.key): "repaired"})
    manifests = [item.manifest for item in reparable]
    failures = wait.for_rollouts(api, "", manifests, progress, timing)
    if failures:
        raise wait.RolloutError(failures)


def _take_away(api: Api, item: Drifted) -> None:
    """Remove the fields that somebody added, last items first: indices stay right."""
    paths = sorted((finding.steps for finding in item.counted if finding.steps), key=_order)
    if not paths or item.live is None:
        return
    key = ObjectRef.of(item.live)
    version = item.live["metadata"]["resourceVersion"]
    patch = [{"op": "test", "path": "/metadata/resourceVersion", "value": version}]
    patch += [{"op": "remove", "path": "".join(map(_pointer, path))} for path in paths]
    path = api.kind(key.group, key.kind).path(key.namespace, key.name)
    api.connection.request("PATCH", path, None, patch, "application/json-patch+json")


def _order(path: tuple[str | int, ...]) -> tuple[tuple[int, str], ...]:
    """Sorts later items of a list before earlier ones."""
    return tuple((-step, "") if isinstance(step, int) else (0, step) for step in path)


def _pointer(step: str | int) -> str:
    return "/" + str(step).replace("~", "~0").replace("/", "~1")
