"""No content is lost: the kubectl engine through generated sequences of states.

`make soak` runs many more of them; the seed is printed, and takes the same ways again.
"""

import contextlib
import copy
import functools
import io
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import pytest

from kubia.actions.kubectl import KubectlEngine
from kubia.apply import api as apply_api
from kubia.apply import applyset
from kubia.apply.api import Api
from kubia.apply.connection import ApiError
from kubia.apply.model import Plan
from kubia.apply.wait import Timing
from kubia.console import Progress
from kubia.errors import KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.project import stackfile
from kubia.releases.record import UpOptions
from kubia.session import Session
from tests import sequences
from tests.oracle import Object
from tests.sequences import End, Fault, Lost, State, Step, Tally
from tests.unit import applied
from tests.unit.apiserver import Server

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ["SEED"])
COUNT = int(os.environ.get("COUNT") or 10)
CONTROL = 1
"""The seed of the controls: one whose first sequences find them."""
CONTEXT = "sequences"
PREFIX = "shop"
THEIRS = "kube-root-ca.crt"
"""A ConfigMap that each namespace has, and is nobody's to delete."""
MOST = 14
"""Writes among which the one is that a fault strikes; an `up` with fewer may escape."""


class Killed(BaseException):
    """Who makes requests is killed."""


class Unreliable(Server):
    """Strikes one `up` with a fault at one of its writes."""

    fault: Fault | None = None
    number = 0

    def copied(self) -> "Unreliable":
        """Return a cluster that holds the same."""
        other = copy.copy(self)
        other.objects, other.writes = applied.copied(self.objects), []
        return other

    def meet(self, fault: Fault | None) -> None:
        """Let this fault strike from now on."""
        self.fault, self.number = fault, 0

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *rest: Any,
        **more: Any,
    ) -> Any:
        """Answer, or not."""
        answer = functools.partial(super().request, method, path, query, *rest, **more)
        if self._is_dead:
            raise Killed
        if method == "GET" or "dryRun" in (query or {}):
            return answer()
        self.number += 1
        if self.fault is None or self.number != self._target:
            return answer()
        if self.fault.kind == "refused":
            raise ApiError(403, {"message": f"{path}: exceeded quota"})
        if self.fault.kind == "killed after":
            answer()
        raise Killed

    def _apply(self, path: str, query: Mapping[str, str], body: dict[str, Any]) -> Any:
        answer = super()._apply(path, query, body)
        if "dryRun" not in query:
            for theirs in self.theirs() - self.objects.keys():
                # Somebody has copied the label of our set.
                labels = {applyset.PART_OF: answer["metadata"]["labels"][applyset.PART_OF]}
                own = {"name": THEIRS, "namespace": theirs.split("/")[4], "labels": labels}
                self.put("v1", "ConfigMap", theirs, own)
        return answer

    def theirs(self) -> set[str]:
        """Return the paths of what somebody else has in the stack's namespaces."""
        spaces = [path for path, item in self.objects.items() if item["kind"] == "Namespace"]
        return {f"{path}/configmaps/{THEIRS}" for path in spaces if PREFIX in path}

    @property
    def _target(self) -> int:
        return 1 + int(self.fault.moment * MOST) if self.fault else 0

    @property
    def _is_dead(self) -> bool:
        return bool(self.fault and self.fault.kind != "refused" and self.number >= self._target)


class PruningFirst(KubectlEngine):
    """A control: it deletes what is no longer declared before the new pods are ready."""

    def _apply(self, api: Api, planned: Plan, progress: Progress, *, force: bool) -> None:
        for change in planned.of("delete"):
            api.delete(change.key, change.uid)
        super()._apply(api, planned, progress, force=force)


class Forgetful(KubectlEngine):
    """A control: it does not keep the record of what the stack holds."""

    def _apply(self, api: Api, planned: Plan, progress: Progress, *, force: bool) -> None:
        super()._apply(api, planned, progress, force=force)
        record = planned.desired.parent.key
        live = api.get(record)
        assert live is not None
        api.delete(record, live["metadata"]["uid"])


class InTurn:
    """Runs on one thread, in any order, what the engine hands to several at once.

    So a seed says in which order the writes reach the server, and which a kill lets through.
    """

    def __init__(self, dice: random.Random) -> None:
        """Take the orders from the dice."""
        self.dice = dice

    def map(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Return the results in the order of the items; what fails does not stop the others."""
        items = list(items)
        results: dict[int, Any] = {}
        errors: dict[int, Exception] = {}
        for index in self.dice.sample(range(len(items)), len(items)):
            try:
                results[index] = work(items[index])
            except Exception as error:  # noqa: BLE001 - raised below
                errors[index] = error
        if errors:
            raise errors[min(errors)]
        return (results[index] for index in range(len(items)))

    def shutdown(self, **_how: bool) -> None:
        """Do nothing: nothing goes on."""


@dataclass
class World:
    """The project's own program, the kubectl engine and a cluster in memory."""

    engine: type[KubectlEngine]
    server: Unreliable

    def up(self, step: Step) -> End:
        """Bring a state up."""
        self.server.meet(step.fault)
        try:
            self._engine(step.state).up(UpOptions(), RolloutMonitor())
        except Killed:
            return "killed"
        except KubiaError:
            return "failed"
        finally:
            self.server.meet(None)
            assert self.server.theirs() <= self.server.objects.keys()
        return "done"

    def declared(self, state: State) -> list[Object]:
        """Return what the program declares."""
        return [manifest.object for manifest in self._engine(state).desired.manifests]

    def live(self) -> list[Object]:
        """Return all objects but the namespaces that every cluster has."""
        own = self.server.objects.values()
        return [
            item
            for item in own
            if item["kind"] != "Lease"  # of who works on the stack
            and not item["metadata"]["name"].startswith(("def", "kube"))
        ]

    def changes(self, state: State) -> bool:
        """Whether a preview says that anything would change."""
        return self._engine(state).preview(force_conflicts=False, as_json=False)

    def copied(self) -> Self:
        """Return the same with a cluster of its own."""
        return replace(self, server=self.server.copied())

    def refuses(self, _state: State) -> bool:
        """Return that it refuses none: this engine sees the cluster."""
        return False

    def _engine(self, state: State) -> KubectlEngine:
        return self.engine(session(state), self._connect, Timing(settling=0.0))

    @contextlib.contextmanager
    def _connect(self, _context: str) -> Iterator[Any]:
        yield self.server


@functools.cache
def session(state: State) -> Session:
    """Return the session on a state; its program is run once."""
    project = stackfile.project(ROOT)
    file = ROOT / "stacks" / "Pulumi.dev.yaml"
    stack = stackfile.of_document(project, "dev", file, state.document(PREFIX, CONTEXT))
    return Session(sequences.unsealed(stack), "kubectl", CONTEXT)


@pytest.fixture(name="fails")
def _fails(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[type[KubectlEngine], list[Step], Tally], Lost | None]:
    """Return what runs a sequence and returns what was lost."""
    dice = random.Random()
    monkeypatch.setenv("KUBIA_WHO", "a test")
    monkeypatch.setattr(apply_api, "ThreadPoolExecutor", lambda _most: InTurn(dice))

    def fails(engine: type[KubectlEngine], steps: list[Step], tally: Tally) -> Lost | None:
        dice.seed(SEED)
        server = Unreliable()
        server.taken.add(sequences.TAKEN)
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            try:
                sequences.run(steps, World(engine, server), tally)
            except Lost as lost:
                return lost
        return None

    return fails


Fails = Callable[[type[KubectlEngine], list[Step], Tally], Lost | None]


def test_no_sequence_of_states_loses_anything(fails: Fails) -> None:
    tally = Tally()

    for number in range(COUNT):
        steps = sequences.generate(SEED, number)
        if fails(KubectlEngine, steps, tally):
            lost = sequences.shrunk(steps, lambda it: fails(KubectlEngine, it, Tally()))
            pytest.fail(f"SEED={SEED}, sequence {number}:{lost}")

    print(f"\nSEED={SEED}: {tally}")  # noqa: T201 - what was run
    assert tally.sequences == COUNT


@pytest.mark.parametrize("engine", [PruningFirst, Forgetful])
def test_the_oracle_finds_an_engine_that_loses_something(
    fails: Fails, engine: type[KubectlEngine]
) -> None:
    every = (fails(engine, sequences.generate(CONTROL, number), Tally()) for number in range(60))

    assert next(filter(None, every), None) is not None
