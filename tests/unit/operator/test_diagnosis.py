"""Why a site is not up, in one line of an Event."""

import asyncio
from typing import Any

from kubia.manifests.site_source import Source
from kubia.manifests.values import Object
from kubia.operator import diagnosis

_SOURCE = Source(
    "shop", "hello", "uid", 1, "", deleting=False, content_name="", former_name="", has_index=True
)
_PULL = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}


def _pod(state: dict[str, Any], *, ready: str = "False", exit_code: int = 0) -> Object:
    ended = {"terminated": {"exitCode": exit_code, "reason": "Error"}} if exit_code else {}
    container = {"name": "nginx", "state": state, "lastState": ended, "restartCount": 1}
    conditions = [{"type": "Ready", "status": ready}]
    return {"status": {"conditions": conditions, "containerStatuses": [container]}}


class _Api:
    """Lists these pods."""

    def __init__(self, *pods: Object) -> None:
        self.pods = pods

    async def get(self, _path: str, **_query: str) -> Object:
        return {"items": list(self.pods)}


def _why(*pods: Object) -> str:
    return asyncio.run(diagnosis.why(_Api(*pods), _SOURCE))  # type: ignore[arg-type]


def test_what_keeps_several_pods_is_said_once() -> None:
    waits = "container nginx waits: ImagePullBackOff: no such image"

    assert _why(_pod(_PULL), _pod(_PULL)) == waits
    assert _why(_pod(_PULL), _pod({"running": {}}, exit_code=1)) == (
        f"{waits}; container nginx ended with exit code 1 (Error), 1 restarts"
    )


def test_of_a_ready_pod_no_restart_is_said() -> None:
    assert _why(_pod({"running": {}}, ready="True", exit_code=1)) == ""
