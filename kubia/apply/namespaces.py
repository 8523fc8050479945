"""Deletes namespaces without the long wait for a controller that checks at the wrong time.

The namespace controller checks RECHECK seconds after a namespace was deleted or changed. If pods
are still stopping then, it checks again only after half of their grace period. So workloads are
deleted first, the namespace so late that its pods should be gone at that check, and where they were
not, the namespace is changed once they are.
"""

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from kubia.apply import errors, wait
from kubia.apply.api import Api, parallel
from kubia.apply.connection import ApiError
from kubia.console import Progress
from kubia.program.objects import ObjectRef

RECHECK = 5.0
"""Seconds after which the namespace controller checks."""
STOPPING = 2.5
"""Seconds that a pod's processes usually take to end once they are asked to."""
ANNOTATION = "kubia.io/emptied"


def refuse_ending(spaces: Mapping[ObjectRef, Mapping[str, Any] | None]) -> None:
    """Refuse to bring anything into a namespace that is being deleted.

    Raises:
        RefusedError: one is; what holds it is named.

    """
    ending = {
        key: live
        for key, live in spaces.items()
        if live and "deletionTimestamp" in live.get("metadata", {})
    }
    if ending:
        raise errors.RefusedError(
            f"namespace {key.name} is being deleted ({wait.held(live) or 'since just now'}): "
            "run it again once it is gone."
            for key, live in ending.items()
        )


def delete(
    api: Api,
    workloads: Mapping[ObjectRef, str],
    spaces: Mapping[ObjectRef, str],
    progress: Progress,
) -> None:
    """Delete the workloads and then the namespaces (all by UID); return when they are gone."""
    objects = [live for live in parallel(api.get, workloads) if live is not None]
    parallel(lambda key: api.delete(key, workloads[key]), workloads)
    patience = max((_pre_stop(live) for live in objects), default=0.0) + STOPPING - RECHECK
    left = wait.left_after(api, workloads, progress, patience)
    parallel(lambda key: api.delete(key, spaces[key]), spaces)
    if left:
        wait.until_gone(api, workloads, progress)
        parallel(lambda key: _check_again(api, key), spaces)
    wait.until_gone(api, spaces, progress)


def _pre_stop(live: Mapping[str, Any]) -> float:
    """Return the longest time for which a container of the workload sleeps before it stops."""
    pod = live["spec"].get("template", {}).get("spec", {})
    hooks = [box.get("lifecycle", {}).get("preStop", {}) for box in pod.get("containers", ())]
    return max((float(hook.get("sleep", {}).get("seconds", 0)) for hook in hooks), default=0.0)


def _check_again(api: Api, key: ObjectRef) -> None:
    with contextlib.suppress(ApiError):  # it may be gone by now
        path = api.kind(key.group, key.kind).path(name=key.name)
        body = {"metadata": {"annotations": {ANNOTATION: f"{time.time():.3f}"}}}
        api.connection.request("PATCH", path, None, body, "application/merge-patch+json")
