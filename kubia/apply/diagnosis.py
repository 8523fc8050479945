"""Why a workload's pods are not ready: their status, the last warnings about them, their logs."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply.api import Api, selector
from kubia.apply.connection import ApiError
from kubia.live import diagnosis, rollout

PODS = 3
"""How many unready pods are shown: more rarely say more."""
LOG_LINES = 5


def of_workload(api: Api, live: Mapping[str, Any]) -> list[str]:
    """Indentable lines about the unready pods of the live workload, newest pods first.

    Those of a Job that have succeeded are never ready, and nothing is wrong with them.
    """
    labels = live["spec"].get("selector", {}).get("matchLabels", {})
    pods = api.list(api.kind("", "Pod"), live["metadata"]["namespace"], selector(labels))
    unready = [pod for pod in pods if not (diagnosis.is_ready(pod) or _has_succeeded(pod))]
    if not unready:
        return list(rollout.problems(live))
    unready.sort(key=lambda pod: str(pod["metadata"]["creationTimestamp"]), reverse=True)
    lines: list[str] = []
    for pod in unready[:PODS]:
        phase = pod.get("status", {}).get("phase", "unknown")
        lines += [f"pod {pod['metadata']['name']}: {phase}"]
        lines += [f"  {line}" for line in _of_pod(api, pod)]
    if len(unready) > PODS:
        lines.append(f"and {len(unready) - PODS} more pods that are not ready")
    return lines


def _has_succeeded(pod: Mapping[str, Any]) -> bool:
    return bool((pod.get("status") or {}).get("phase") == "Succeeded")


def _of_pod(api: Api, pod: Mapping[str, Any]) -> Iterator[str]:
    lines = list(diagnosis.of_pod(pod))
    yield from lines
    event = _last_warning(api, pod)
    # That no node takes the pod, its status says already.
    if event and not any(str(event.get("message")) in line for line in lines):
        yield f"{event.get('reason')}: {event.get('message')}"
    for container in diagnosis.containers(pod):
        if not container.get("ready"):
            yield from _log(api, pod, container)


def _last_warning(api: Api, pod: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the pod's last warning, such as the readiness probe's answer; empty if none."""
    events = api.events(pod, "type=Warning")
    return max(reversed(events), key=_time, default={})


def _time(event: Mapping[str, Any]) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")


def _log(api: Api, pod: Mapping[str, Any], container: Mapping[str, Any]) -> Iterator[str]:
    """Return the last lines of the container, or of the one that crashed before it."""
    state = container.get("state", {})
    started = state.get("running") or state.get("terminated")
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
