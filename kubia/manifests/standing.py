"""What may not change yet, because pods that nobody waits for go on with it.

Nobody waits for the pods of a paused Deployment, nor for the Jobs that a CronJob has started.
Pulumi deletes what is no longer declared at the end of an update, so content that these pods name
has to stay declared until they are gone. `old` is what was declared before, `live` what the cluster
held when the update began, `new` what is to be.
"""

from collections.abc import Mapping
from typing import Any

from kubia.manifests.releases import CONTENT
from kubia.manifests.web_pod import NONE

Manifest = Mapping[str, Any]


def of_deployment(name: str, old: Manifest, live: Manifest, new: Manifest) -> str:
    """Return why a Deployment that is to be paused cannot change so, or "".

    What was paused already, and by us, has been through this: its pods need no more than it names.
    """
    status = live.get("status") or {}
    if not new["spec"].get("paused") or not status.get("replicas"):
        return ""
    gone = _gone(live, new)
    if gone:
        return (
            f"Deployment {name} is to be paused (strategy.paused), and its pods go on with "
            f"{gone}, which is no longer declared: change the content once it is "
            "resumed, or bring it up without the pause."
        )
    if old["spec"].get("paused") or _is_whole(live, status):
        return ""
    return (
        f"Deployment {name} is to be paused (strategy.paused) half-way through a rollout, and old "
        "pods may need content that Pulumi would delete: let it end first, or go back to the "
        "release before."
    )


def of_cron_job(name: str, _old: Manifest, live: Manifest, new: Manifest) -> str:
    """Return why a CronJob cannot change so while a Job of it runs, or ""."""
    active = (live.get("status") or {}).get("active") or ()
    gone = _gone(live, new)
    if not active or not gone:
        return ""
    jobs = ", ".join(sorted(str(each.get("name")) for each in active))
    return (
        f"CronJob {name} changes while {jobs} runs, which goes on with {gone}, no longer declared: "
        "try again when it has ended, or delete that Job."
    )


def _gone(live: Manifest, new: Manifest) -> str:
    """Return the content that is named no more."""
    return ", ".join(sorted(_named(live) - _named(new)))


def _named(manifest: Manifest) -> frozenset[str]:
    """Return the content that pods name, by their workload's annotation."""
    names = (manifest["metadata"].get("annotations") or {}).get(CONTENT)
    return frozenset(names.split()) - {NONE} if isinstance(names, str) else frozenset()


def _is_whole(live: Manifest, status: Mapping[str, Any]) -> bool:
    """Whether all pods are of the newest template."""
    is_noticed = status.get("observedGeneration") == live["metadata"].get("generation")
    return bool(is_noticed and status.get("updatedReplicas") == status["replicas"])
