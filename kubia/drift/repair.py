"""Puts what is declared back, and takes away what was added."""

from kubia.apply import applyset, hashed_content, takeover, wait
from kubia.apply.api import Api
from kubia.apply.wait import TIMING, Timing
from kubia.console import Progress
from kubia.drift import renewal, rights
from kubia.drift.model import Drifted
from kubia.errors import KubiaError
from kubia.live.left_alone import Left
from kubia.program.objects import ObjectRef

MADE_ANEW = frozenset(
    {
        *(("", kind) for kind in (*hashed_content.KINDS, "Pod")),
        *((rights.RBAC, kind) for kind in rights.BINDINGS),
    }
)
"""Kinds that may be deleted and made again: all of such an object is in its declaration. Of any
other, what cannot change would go with data (a claim), with its pods, or run once more (a Job)."""


def repair(
    api: Api,
    drifted: list[Drifted],
    progress: Progress,
    *,
    strict: bool = False,
    timing: Timing = TIMING,
) -> None:
    """Repair every object with drift and wait until its pods are as declared; `timing` says how.

    What others added beside our containers goes if it is drift, as `strict` says. Our own pods that
    were changed are made anew. Foreign pods are left: whose they are is not known here.

    Raises:
        RolloutError: new pods did not become ready in time.
        KubiaError: pods keep content that nobody would let them read anew, or, once all else is
            repaired, an object could only be repaired with a loss, or not at all.

    """
    ours = [item for item in drifted if item.manifest and item.counted]
    left = {item.key: why for item in ours if (why := _why_left(item))}
    drifted = [item for item in drifted if item.key not in left]
    reparable = [item for item in drifted if item.is_reparable]
    renewal.refuse_standing(reparable)

    def put_back(item: Drifted) -> None:
        _repair(api, item, progress, strict=strict)

    for item in reparable:
        put_back(item)
        if not (item.is_stale and item.users):
            progress.show({str(item.key): "repaired"})
    for item in reparable:
        if item.is_stale and item.users:
            renewal.renew(api, item, put_back, progress, timing)
            progress.show({str(item.key): "repaired, and read anew"})
    renewal.rolled_out(api, [item.manifest for item in reparable], progress, timing)
    for item in drifted:
        _make_pods_anew(api, item, progress, timing)
    if left:
        problems = "; ".join(f"{key} {why}" for key, why in left.items())
        message = f"not repaired: {problems.removesuffix('.')}."
        raise KubiaError(message)


def _why_left(item: Drifted) -> str:
    """Why a repair leaves the object as it is, or ""."""
    if item.is_ending:
        # Without a stranger's finalizer it would be gone, with what it holds.
        return "is being deleted: run it again once it is gone"
    if item.must_replace and (loss := _loss(item)):
        return f"can only be deleted and made again ({item.refusal}), and {loss}"
    if item.refusal and not item.must_replace:
        return f"cannot be compared: {item.refusal}"
    # The pods that need content refer to it by their workload, which cannot be written then.
    users = item.users if item.is_stale else ()
    whys = ((user, why) for user in users if (why := _why_left(user)))
    return next((f"is needed by {user.key}, which {why}" for user, why in whys), "")


def _loss(item: Drifted) -> str:
    """Why the object is not deleted to be made again, and what to do instead; "" if it may be."""
    both = filter(None, (item.live, item.manifest))
    if item.is_protected:
        return "is protected: declare what is live, or rename it"
    if item.key.kind == "PersistentVolumeClaim" or any(map(applyset.is_retained, both)):
        return "holds data: declare what is live, or rename it"
    if (item.key.group, item.key.kind) in MADE_ANEW:
        return ""
    return (
        "may be in use: declare what is live, rename it, or delete it yourself and run `kubia up`"
    )


def _repair(api: Api, item: Drifted, progress: Progress, *, strict: bool) -> None:
    if item.live is not None and item.must_replace:
        uid = item.live["metadata"]["uid"]
        api.delete(item.key, uid)
        wait.until_gone(api, {item.key: uid}, progress)
    lenient: set[Left] = set() if strict else {"lenient"}
    takeover.take(api, item.manifest, item.left | lenient)


def _make_pods_anew(api: Api, item: Drifted, progress: Progress, timing: Timing) -> None:
    """Delete the workload's pods that run something else, one after another."""
    uids = {
        ObjectRef("", "Pod", item.key.namespace, pod["metadata"]["name"]): pod["metadata"]["uid"]
        for pod in (finding.pod for finding in item.counted)
        if pod is not None
    }
    for key, uid in uids.items():
        api.delete(key, uid)
        wait.until_gone(api, {key: uid}, progress)
        renewal.rolled_out(api, [item.manifest], progress, timing)
