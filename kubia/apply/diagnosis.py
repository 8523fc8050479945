"""Why a workload's pods are not ready: what the cluster knows about them, worst first."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply.api import Api
from kubia.apply.connection import ApiError

PODS = 3
"""How many unready pods are told about: more rarely say more."""
LOG_LINES = 5


def of_workload(api: Api, found: Mapping[str, Any]) -> list[str]:
    """Indentable lines about the unready pods of the workload, newest pods first."""
    namespace = found["metadata"]["namespace"]
    labels = found["spec"].get("selector", {}).get("matchLabels", {})
    selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    pods = [pod for pod in api.list(api.kind("", "Pod"), namespace, selector) if not _ready(pod)]
    if not pods:
        conditions = found.get("status", {}).get("conditions", ())
        return [item["message"] for item in conditions if item.get("status") == "False"]
    pods.sort(key=lambda pod: str(pod["metadata"]["creationTimestamp"]), reverse=True)
    lines: list[str] = []
    for pod in pods[:PODS]:
        lines += [f"pod {pod['metadata']['name']}: {_phase(pod)}"]
        lines += [f"  {line}" for line in _about(api, pod)]
    if len(pods) > PODS:
        lines.append(f"and {len(pods) - PODS} more pods that are not ready")
    return lines


def _about(api: Api, pod: Mapping[str, Any]) -> Iterator[str]:
    for container in _containers(pod):
        yield from _container(container)
    event = _last_warning(api, pod)
    if event:
        yield event
    for container in _containers(pod):
        if not container.get("ready"):
            yield from _log(api, pod, container)


def _container(container: Mapping[str, Any]) -> Iterator[str]:
    name = container["name"]
    waiting = container.get("state", {}).get("waiting")
    if waiting:
        told = waiting.get("message", "")
        yield f"container {name} waits: {waiting.get('reason')}" + (f": {told}" if told else "")
    ended = container.get("state", {}).get("terminated")
    ended = ended or container.get("lastState", {}).get("terminated")
    if ended:
        count = container.get("restartCount", 0)
        yield (
            f"container {name} ended with exit code {ended.get('exitCode')} "
            f"({ended.get('reason')}), {count} restarts"
        )


def _last_warning(api: Api, pod: Mapping[str, Any]) -> str:
    """Return the pod's last warning: the readiness probe's answer, or why it is not scheduled."""
    metadata = pod["metadata"]
    query = {"fieldSelector": f"involvedObject.uid={metadata['uid']},type=Warning"}
    path = api.kind("", "Event").path(metadata["namespace"], version="v1")
    try:
        events = api.connection.request("GET", path, query)["items"]
    except ApiError:
        return ""
    events.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
    return f"{events[-1].get('reason')}: {events[-1].get('message')}" if events else ""


def _log(api: Api, pod: Mapping[str, Any], container: Mapping[str, Any]) -> Iterator[str]:
    """Return the last lines that the container (or the one that crashed before it) has logged."""
    started = container.get("state", {}).get("running")
    if not started and not container.get("lastState", {}).get("terminated"):
        return
    metadata = pod["metadata"]
    path = api.kind("", "Pod").path(metadata["namespace"], metadata["name"])
    query = {"container": container["name"], "tailLines": str(LOG_LINES)}
    if not started:
        query["previous"] = "true"
    try:
        text = api.connection.request("GET", f"{path}/log", query, accept="text/plain, */*")
    except ApiError:
        return
    for line in str(text).splitlines():
        yield f"log {container['name']}: {line}"


def _containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]


def _phase(pod: Mapping[str, Any]) -> str:
    return str(pod.get("status", {}).get("phase", "unknown"))


def _ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)
