"""The oracle's second half, behind the scenes: once all is as it should be, nothing is written.

A test waits until the cluster is as its sources want it, and ends; its operators then have 30 s
more, beside the tests that follow, in which they must not write.
"""

import time
from collections import deque
from typing import NamedTuple

from tests.operator.scene import Scene

QUIET_SECONDS = 30.0
_MOST = 20
"""So many scenes are kept alive at once; an operator takes some 50 MB."""


class _Watched(NamedTuple):
    """A scene, what it had written when its test ended, and when it may end."""

    scene: Scene
    writes: int
    due: float


class QuietCheck:
    """Keeps scenes until they have been quiet for long enough."""

    def __init__(self, seconds: float = QUIET_SECONDS) -> None:
        self._seconds = seconds
        self._watched: deque[_Watched] = deque()
        self._broken: list[str] = []

    def take(self, scene: Scene) -> None:
        """Watch a scene from now on; one in which no operator runs ends at once."""
        if scene.running:
            due = time.monotonic() + self._seconds
            self._watched.append(_Watched(scene, len(scene.proxy.writes), due))
        else:
            scene.close()
        while self._watched and (
            len(self._watched) > _MOST or self._watched[0].due < time.monotonic()
        ):
            self._end_first()

    def settle(self) -> None:
        """Wait until all have had their time, before something is broken that they share."""
        while self._watched:
            self._end_first()

    def end(self) -> list[str]:
        """Wait until all have had their time; return each test that was not quiet, and why."""
        self.settle()
        return self._broken

    def _end_first(self) -> None:
        scene, writes, due = self._watched.popleft()
        time.sleep(max(0.0, due - time.monotonic()))
        problems = [f"wrote {each.method} {each.path}" for each in scene.proxy.writes[writes:]]
        problems += scene.wrong()
        if problems:
            text = "; ".join(problems)
            self._broken.append(f"{scene.name}: after its end: {text}\n{scene.logs()}")
        scene.close()
