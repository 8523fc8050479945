"""kubia.apply.patience: how long something is waited for, and that each reason is told once."""

import time
from typing import Any

import pytest

from kubia.apply.patience import Deadlines, ReasonLines
from kubia.console import Progress
from kubia.live import reasons
from kubia.live.reasons import Reason
from kubia.program.objects import ObjectRef

KEY = ObjectRef("apps", "DaemonSet", "shop", "agent")


def agent(updated: int, available: int, kind: str = "DaemonSet") -> dict[str, Any]:
    counts = {"updatedNumberScheduled": updated, "numberAvailable": available}
    return {
        "kind": kind,
        "metadata": {"generation": 1},
        "status": {"observedGeneration": 1, **counts},
    }


def test_each_node_gets_the_whole_time() -> None:
    deadlines = Deadlines({KEY: 0.05})

    for node in range(1, 4):
        assert not deadlines.is_over(KEY, agent(node, 3))
        time.sleep(0.06)  # longer than the whole time: the next node begins it anew
    assert deadlines.is_over(KEY, agent(3, 3))


def test_pods_that_come_and_go_are_no_progress() -> None:
    deadlines = Deadlines({KEY: 0.05})

    assert not deadlines.is_over(KEY, agent(2, 2))
    time.sleep(0.06)
    assert deadlines.is_over(KEY, agent(2, 1))
    assert deadlines.is_over(KEY, agent(2, 2))


def test_a_deployment_has_its_time_once() -> None:
    deadlines = Deadlines({KEY: 0.0})
    time.sleep(0.01)

    assert deadlines.is_over(KEY, agent(1, 1, "Deployment"))


def reason(message: str) -> Reason:
    of = reasons.of_text("ErrImagePull", message)
    assert of is not None
    return of


def test_a_reason_is_told_once_and_that_it_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ReasonLines(Progress(None))

    for message in ("no such host", "back-off"):
        lines.show(KEY, [reason(message)])
        lines.show(KEY, [])
    lines.over(KEY)

    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("  DaemonSet shop/agent, image: no such host: see that the image")
    assert last == "  DaemonSet shop/agent, image: over ✓"
