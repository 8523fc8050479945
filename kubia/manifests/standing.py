"""What a release that stands still may not change: content that its pods go on with.

Nobody waits for the pods of a paused Deployment. Pulumi deletes what is no longer declared at the
end of an update, so content that these pods name has to stay declared until they are gone.
"""

from collections.abc import Mapping
from typing import Any

from kubia.manifests.releases import CONTENT
from kubia.manifests.web_pod import NONE


def problem(
    name: str, old: Mapping[str, Any], live: Mapping[str, Any], new: Mapping[str, Any]
) -> str:
    """Return why a paused Deployment cannot become `new`, or "".

    `old` is what was declared before, `live` what the cluster held when the update began. What was
    paused already, and by us, has been through this: its pods need no more than it names.
    """
    status = live.get("status") or {}
    if not new["spec"].get("paused") or not status.get("replicas"):
        return ""
    gone = sorted(_named(live) - _named(new))
    if gone:
        return (
            f"Deployment {name} is to be paused (strategy.paused), and its pods go on with "
            f"{', '.join(gone)}, which is no longer declared: change the content once it is "
            "resumed, or bring it up without the pause."
        )
    if old["spec"].get("paused") or _is_whole(live, status):
        return ""
    return (
        f"Deployment {name} is to be paused (strategy.paused) half-way through a rollout, and old "
        "pods may need content that Pulumi would delete: let it end first, or go back to the "
        "release before."
    )


def _named(deployment: Mapping[str, Any]) -> frozenset[str]:
    """Return the content that a Deployment's pods name."""
    names = (deployment["metadata"].get("annotations") or {}).get(CONTENT)
    return frozenset(names.split()) - {NONE} if isinstance(names, str) else frozenset()


def _is_whole(live: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    """Whether all pods are of the newest template."""
    is_noticed = status.get("observedGeneration") == live["metadata"].get("generation")
    return bool(is_noticed and status.get("updatedReplicas") == status["replicas"])
