"""A rollback ended at each of its writes in turn, by a signal or a kill; two commands at once.

Whatever ended it, the bad version cannot come back by accident, and the next rollback ends where an
undisturbed one does. CI takes every third write, chosen as in test_interrupted. On simulated
nodes, for what containers do is not the question here.
"""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Cluster, Project
from tests.e2e.test_interrupted import SEED, Stacks, _proxy, _through, writes
from tests.operator.faults import Fault, Request, Rule
from tests.operator.proxy import Proxy

pytestmark = pytest.mark.e2e

__all__ = ["_proxy", "_through"]

MOST = 20
"""Writes that a rollback of the test's stack makes at most; a few more than it does make."""
ENDINGS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
"""The exit code after each signal, as `subprocess` has it."""
KILL = (signal.SIGKILL,)
CAUGHT = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""One at each write that is tried, in turn; SEED decides which one begins."""


@pytest.fixture(name="stacks")
def _stacks(through: Cluster, simulated: Cluster, tmp_path: Path) -> Iterator[Stacks]:
    stacks = Stacks(Project.copy(tmp_path / "kubia", through), simulated)
    yield stacks
    stacks.remove()


def ending_at(number: int, how: signal.Signals, running: list[subprocess.Popen[bytes]]) -> Rule:
    """Return a rule that sends the process a signal at its write of this number.

    After a kill nothing of it reaches the server any more; after another signal all does.
    """
    seen: list[Request] = []

    def rule(request: Request) -> Fault | None:
        if request.method == "GET" or "dryRun" in request.query:
            return None
        seen.append(request)
        if len(seen) > number and how == signal.SIGKILL:
            return Fault(drop=True)
        if len(seen) == number:
            end = running[0].send_signal
            return Fault(after=lambda: end(how), lose=how == signal.SIGKILL)
        return None

    return rule


def states(project: Project, stack: str) -> list[str]:
    return [item["state"] for item in releases(project, stack)]


def releases(project: Project, stack: str) -> list[dict[str, Any]]:
    text = project.kubia("history", "--stack", stack, "--json").out
    return list(json.loads(text))


def released_twice(stacks: Stacks) -> str:
    stack = stacks.new()
    stacks.project.up(stack)
    stacks.project.change(stack, {"services.kubia.image": "kubia:v2"})
    stacks.project.up(stack)
    return stack


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("signals", [KILL, CAUGHT], ids=["kill", "caught"])
def test_a_rollback_ended_at_any_write_is_finished_by_the_next(
    stacks: Stacks, proxy: Proxy, signals: Sequence[signal.Signals]
) -> None:
    project = stacks.project
    undisturbed = released_twice(stacks)
    assert project.kubia("rollback", "--stack", undisturbed, "--yes").code == 0
    objects = stacks.objects(undisturbed)
    expected = ["deployed", "rolled back to 1", "deployed"]
    assert states(project, undisturbed) == expected

    tried = writes(3, MOST)
    for number in tried:
        how = signals[(number + SEED) % len(signals)]
        stack = released_twice(stacks)
        before = project.file(stack).read_bytes()
        running: list[subprocess.Popen[bytes]] = []
        with proxy.rule(ending_at(number, how, running)):
            running.append(project.start("rollback", "--stack", stack, "--yes"))
            code = running[0].wait(120)
        if code == 0:
            break
        place = f"{how.name} at write {number}"
        assert code == ENDINGS[how], place
        after, now = project.file(stack).read_bytes(), states(project, stack)
        if after != before:
            assert len(now) == 3, place
            guarded(project, stack, before, after)
        if now != expected:
            again = ("--to", "1") if now[-1] == "failed" else ()
            back = project.kubia("rollback", "--stack", stack, "--yes", *again)
            assert back.code == 0, f"{place}: {back.text}"
        assert states(project, stack)[:2] == expected[:2], place
        assert states(project, stack)[-1] == "deployed", place
        assert stacks.objects(stack) == objects, place
    else:
        pytest.fail(f"a rollback makes {MOST} writes or more")
    names = ", ".join(each.name for each in signals)
    print(f"\nrollback ended by {names} at its writes {[*tried[: tried.index(number)]]}")  # noqa: T201 - measured
    assert number > 4


def guarded(project: Project, stack: str, bad: bytes, good: bytes) -> None:
    """See that a checkout which declares the bad version cannot bring it up by accident.

    But where the rollback is known to have failed, what serves is still good.
    """
    if states(project, stack)[-1] == "failed":
        return
    project.file(stack).write_bytes(bad)
    refused = project.kubia("up", "--stack", stack)
    project.file(stack).write_bytes(good)
    assert refused.code == 1, refused.text
    assert "rolled back" in refused.text
    assert "--again" in refused.text


def test_two_ups_at_once_follow_each_other(stacks: Stacks) -> None:
    project = stacks.project
    stack = stacks.new()
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda _: project.up(stack), range(2)))

    assert states(project, stack) == ["deployed"], "\n".join(end.text for end in ends)
    assert project.kubia("preview", "--stack", stack, "--exit-code").code == 0


def test_a_second_command_says_who_works_on_the_stack(stacks: Stacks, simulated: Cluster) -> None:
    project = stacks.project
    stack = stacks.new()
    project.up(stack)
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": f"kubia-{stack}-writer", "namespace": f"kubia-{stack}"},
        "spec": {"holderIdentity": "ann@elsewhere", "leaseDurationSeconds": 600},
    }
    simulated.kubectl("replace", "--force", "-f", "-", stdin=json.dumps(lease))
    project.change(stack, {"services.kubia.image": "kubia:v2"})

    refused = project.kubia("up", "--stack", stack)

    assert refused.code == 1, refused.text
    assert "ann@elsewhere has been changing stack" in refused.text
    assert states(project, stack) == ["deployed"]
    assert "Lease" not in project.kubia("drift", "--stack", stack).out
