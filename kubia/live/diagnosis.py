"""Why a pod is not ready, in the words of its status."""

from collections.abc import Iterator, Mapping
from typing import Any


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether the pod may get traffic."""
    return any(
        item.get("type") == "Ready" and item.get("status") == "True" for item in _conditions(pod)
    )


def of_pod(pod: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the pod is not ready, a line each: no node takes it, a container waits or ended."""
    for condition in _conditions(pod):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield f"not scheduled: {_reason(condition)}"
    for container in containers(pod):
        yield from _of_container(container)


def containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the status of each container, in the order in which they start."""
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def _of_container(container: Mapping[str, Any]) -> Iterator[str]:
    name = container["name"]
    state = container.get("state") or {}
    if waiting := state.get("waiting"):
        yield f"container {name} waits: {_reason(waiting)}"
    if ended := state.get("terminated") or (container.get("lastState") or {}).get("terminated"):
        yield (
            f"container {name} ended with exit code {ended.get('exitCode')} "
            f"({ended.get('reason')}), {container.get('restartCount', 0)} restarts"
        )


def _conditions(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((pod.get("status") or {}).get("conditions") or ())


def _reason(given: Mapping[str, Any]) -> str:
    message = given.get("message")
    return f"{given.get('reason')}: {message}" if message else str(given.get("reason"))
