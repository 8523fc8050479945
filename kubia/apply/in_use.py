"""What pods still need though it is no longer declared.

An awaited rollout has replaced its old pods when it is done. One that nobody waits for, because it
is paused, goes on with them, and with what they refer to, for as long as it stands still. So does a
Job that a CronJob has started before it changed: its pods may come again until it has ended.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from kubia.apply.api import Api, parallel, selector
from kubia.apply.connection import ApiError
from kubia.apply.hashed_content import KINDS
from kubia.live import content, rollout
from kubia.program.objects import Manifest, ObjectRef

ACCOUNT = "ServiceAccount"
_NEEDED = KINDS | {ACCOUNT}


def of(
    api: Api, manifests: Sequence[Manifest], gone: Collection[ObjectRef]
) -> frozenset[ObjectRef]:
    """Return those of the objects `gone` that pods of workloads which are not awaited refer to.

    All content and accounts beside such a workload, if the cluster does not let us see its pods.
    """
    candidates = {key for key in gone if not key.group and key.kind in _NEEDED}
    spaces = {key.namespace for key in candidates}
    workloads = [item for item in manifests if item.key.namespace in spaces and _is_left(item)]

    def ask(workload: Manifest) -> set[ObjectRef]:
        namespace = workload.key.namespace
        try:
            pods = [*_pods(api, workload)]
        except ApiError:
            return {key for key in candidates if key.namespace == namespace}
        return {
            ObjectRef("", kind, namespace, name)
            for pod in pods
            for kind, name in (*content.needed(pod), (ACCOUNT, pod.get("serviceAccountName", "")))
        }

    return frozenset(candidates & set().union(*parallel(ask, workloads)))


def _is_left(manifest: Manifest) -> bool:
    """Whether nobody waits for the workload's old pods."""
    kind = manifest.key.kind
    return kind == "CronJob" or (
        kind in rollout.WORKLOADS and bool(rollout.skipped(manifest.object))
    )


def _pods(api: Api, workload: Manifest) -> Iterator[Mapping[str, Any]]:
    """Yield the specs of the workload's pods; a Deployment's also while a pod is replaced."""
    if workload.key.kind == "CronJob":
        yield from _running(api, workload.key)
        return
    labels = workload.object["spec"].get("selector", {}).get("matchLabels", {})
    is_deployment = workload.key.kind == "Deployment"
    kind = api.kind("apps", "ReplicaSet") if is_deployment else api.kind("", "Pod")
    for item in api.list(kind, workload.key.namespace, selector(labels)):
        if not is_deployment:
            yield item["spec"]
        elif item["spec"].get("replicas") or (item.get("status") or {}).get("replicas"):
            yield item["spec"]["template"]["spec"]


def _running(api: Api, cron_job: ObjectRef) -> Iterator[Mapping[str, Any]]:
    """Yield the specs of the pods of the CronJob's Jobs that have not ended."""
    for job in api.list(api.kind("batch", "Job"), cron_job.namespace):
        owners = job["metadata"].get("ownerReferences") or ()
        is_own = any((it["kind"], it["name"]) == ("CronJob", cron_job.name) for it in owners)
        if is_own and rollout.progress({**job, "kind": "Job"}).state == "waiting":
            yield job["spec"]["template"]["spec"]
