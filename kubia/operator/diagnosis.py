"""Why the pods of a site do not run, in their own words."""

from collections.abc import Iterator

from kubia.manifests.site_source import Source
from kubia.manifests.values import Object
from kubia.operator.api import POD, Api, Failure

_SHOWN = 3


async def why(api: Api, source: Source) -> str:
    """Return the reasons in one line; nothing if there are none or they cannot be read."""
    selector = f"app={source.site},app.kubernetes.io/instance={source.site}"
    try:
        found = await api.get(POD.path(source.namespace), labelSelector=selector, limit="20")
    except Failure:
        return ""
    reasons = dict.fromkeys(text for pod in found["items"] for text in _reasons(pod))
    return "; ".join(list(reasons)[:_SHOWN])


def _reasons(pod: Object) -> Iterator[str]:
    status = pod.get("status") or {}
    for container in status.get("containerStatuses") or ():
        state = container.get("state") or {}
        if waits := state.get("waiting"):
            yield f"{container['name']}: {waits.get('reason')} {waits.get('message') or ''}".strip()
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"{condition.get('reason')}: {condition.get('message')}"
