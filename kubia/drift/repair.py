"""Puts what is declared back, and takes away what was added."""

from kubia.apply import takeover, wait
from kubia.apply.api import Api
from kubia.apply.wait import TIMING, Timing
from kubia.console import Progress
from kubia.drift.model import Drifted
from kubia.live.left_alone import Condition


def repair(
    api: Api,
    drifted: list[Drifted],
    progress: Progress,
    *,
    strict: bool = False,
    timing: Timing = TIMING,
) -> None:
    """Repair every object with drift and wait until its pods are as declared; `timing` says how.

    What others added beside our containers goes if it is drift, as `strict` says. Foreign pods are
    left: whose they are is not known here.

    Raises:
        RolloutError: new pods did not become ready in time.

    """
    reparable = [item for item in drifted if item.is_reparable]
    for item in reparable:
        _repair(api, item, progress, strict=strict)
        progress.show({str(item.key): "repaired"})
    manifests = [item.manifest for item in reparable]
    failures = wait.for_rollouts(api, "", manifests, progress, timing)
    if failures:
        raise wait.RolloutError(failures)


def _repair(api: Api, item: Drifted, progress: Progress, *, strict: bool) -> None:
    if item.live is not None and item.must_replace:
        uid = item.live["metadata"]["uid"]
        api.delete(item.key, uid)
        wait.until_gone(api, {item.key: uid}, progress)
    conditions: set[Condition] = set() if strict else {"lenient"}
    if item.is_autoscaled:
        conditions.add("autoscaled")
    takeover.take(api, item.manifest, conditions)
