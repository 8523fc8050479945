"""How long a workload is waited for, and what is shown of the reasons why it does not go on."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from kubia.console import Progress
from kubia.live import rollout
from kubia.live.reasons import Reason
from kubia.program.objects import ObjectRef


class Deadlines:
    """Until when each workload is waited for."""

    def __init__(self, seconds: Mapping[ObjectRef, float]) -> None:
        """Begin now; `seconds` are those that each may take."""
        now = time.monotonic()
        self._seconds = dict(seconds)
        self._ends = {key: now + given for key, given in seconds.items()}
        self._furthest: dict[ObjectRef, int] = {}

    def is_over(self, key: ObjectRef, live: Mapping[str, Any]) -> bool:
        """Whether the time of the workload is up; that of one that goes node by node starts anew.

        How many nodes there are, only the cluster knows: each must come in time.
        """
        now = time.monotonic()
        reached = rollout.reached(live)
        if reached is not None and reached > self._furthest.get(key, 0):
            self._furthest[key] = reached
            self._ends[key] = now + self._seconds[key]
        return now > self._ends[key]


class ReasonLines:
    """A line for each reason, which says it once, and in the end that it is over.

    A pod that crashes runs in between: each time would be a line.
    """

    def __init__(self, progress: Progress) -> None:
        """Show them on `progress`."""
        self._progress = progress
        self._shown: dict[ObjectRef, set[str]] = {}

    def show(self, key: ObjectRef, reasons: Iterable[Reason]) -> None:
        """Show what is not shown yet; words that change from one look to the next stay."""
        shown = self._shown.setdefault(key, set())
        for reason in reasons:
            if reason.rule.name not in shown:
                shown.add(reason.rule.name)
                self._progress.show({f"{key}, {reason.rule.name}": str(reason)})

    def over(self, key: ObjectRef) -> None:
        """Show that nothing keeps the workload any more."""
        for name in sorted(self._shown.get(key, ())):
            self._progress.show({f"{key}, {name}": "over ✓"})
