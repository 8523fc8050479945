"""Why the pods of a site are not ready: their status in one line, for an Event."""

from kubia.live import diagnosis
from kubia.manifests.site_source import Source
from kubia.operator.api import POD, Api, Failure

_SHOWN = 3


async def why(api: Api, source: Source) -> str:
    """Return the reasons in one line; nothing if there are none or they cannot be read."""
    selector = f"app={source.site},app.kubernetes.io/instance={source.site}"
    try:
        pods = await api.get(POD.path(source.namespace), labelSelector=selector, limit="20")
    except Failure:
        return ""
    unready = (pod for pod in pods["items"] if not diagnosis.is_ready(pod))
    reasons = dict.fromkeys(text for pod in unready for text in diagnosis.of_pod(pod))
    return "; ".join(list(reasons)[:_SHOWN])
