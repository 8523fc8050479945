"""Lets pods read content anew that was put back under the name that it has.

A kubelet reads immutable content once and keeps it for as long as any of its node's pods refers to
it: new pods get what it keeps, a rolling restart changes nothing. So the pods are rolled to a copy
under another name first, which takes no pod from its users; once no pod refers to the name any
more, they are rolled back. Interrupted, the workloads are drift, and repaired again; the copy is
a member of the set, and goes with the next `up`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubia.apply import wait
from kubia.apply.api import Api
from kubia.apply.wait import Timing
from kubia.console import Progress
from kubia.drift.model import Drifted
from kubia.errors import KubiaError
from kubia.live import content, rollout
from kubia.program.objects import ObjectRef

SUFFIX = "-copy"
ENDED = frozenset({"Succeeded", "Failed"})
"""Phases of a pod that runs no more."""


def refuse_standing(drifted: Sequence[Drifted]) -> None:
    """Refuse to put content back whose pods nobody would replace.

    Raises:
        KubiaError: there is any.

    """
    for item in drifted:
        for user in item.users if item.is_stale else ():
            if why := rollout.skipped(user.manifest):
                message = (
                    f"nothing was repaired: pods of {user.key} need {item.key} read anew, but "
                    f"{why}: go on with that rollout first."
                )
                raise KubiaError(message)


def renew(
    api: Api,
    item: Drifted,
    put_back: Callable[[Drifted], None],
    progress: Progress,
    timing: Timing,
) -> None:
    """Roll the pods that need the content over a copy of it, and back by `put_back`.

    Raises:
        RolloutError: new pods did not become ready in time.

    """
    key = item.key
    copy = {**item.manifest, "metadata": {**item.manifest["metadata"], "name": key.name + SUFFIX}}
    live = api.apply(copy, force=True)
    over = [_referring(user.manifest, key, key.name + SUFFIX) for user in item.users]
    for manifest in over:
        api.apply(manifest, force=True)
    rolled_out(api, over, progress, timing)
    _until_unused(api, key, progress, timing)
    for user in item.users:
        put_back(user)
    rolled_out(api, [user.manifest for user in item.users], progress, timing)
    api.delete(ObjectRef.of(copy), live["metadata"]["uid"])


def rolled_out(
    api: Api, manifests: Sequence[Mapping[str, Any]], progress: Progress, timing: Timing
) -> None:
    """Wait until the pods of these workloads are new ones.

    Raises:
        RolloutError: they did not become ready in time.

    """
    failures = wait.for_rollouts(api, "", manifests, progress, timing)
    if failures:
        raise wait.RolloutError(failures)


def _referring(manifest: Mapping[str, Any], key: ObjectRef, name: str) -> Mapping[str, Any]:
    return {**manifest, "spec": content.renamed(manifest["spec"], key.kind, key.name, name)}


def _is_over(pod: Mapping[str, Any]) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return phase in ENDED and "deletionTimestamp" not in pod["metadata"]


def _until_unused(api: Api, key: ObjectRef, progress: Progress, timing: Timing) -> None:
    """Wait until no pod refers to the content any more, those that are stopping included.

    One that has ended and stays, as of a Job, needs nothing any more. For one that is deleted the
    kubelet keeps what it was made with until it is gone, and would give it to a new pod.
    """
    deadline = time.monotonic() + wait.GONE
    for pause in timing.pauses():
        pods = api.list(api.kind("", "Pod"), key.namespace)
        needed = (key.kind, key.name)
        using = [
            pod["metadata"]["name"]
            for pod in pods
            if needed in content.needed(pod["spec"]) and not _is_over(pod)
        ]
        if not using:
            return
        progress.show({str(key): f"repaired; still read by {', '.join(using)}"})
        if time.monotonic() > deadline:
            message = f"{key} is put back, but not yet read by {', '.join(using)}: delete these."
            raise KubiaError(message)
        time.sleep(pause)
