"""What people and kills do to a stack, and what must then be so: a model that shares no code."""

import contextlib
import io
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from kubia.actions.rollback import rollback
from kubia.errors import KubiaError
from kubia.releases import ledger, store
from kubia.releases.record import UpOptions
from tests.unit.apiserver import Server
from tests.unit.releasing import Shop

GOOD = ("web:v1", "web:v2", "web:v3")
BAD = ("web:bad", "web:worse")
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
MOST = 12
"""Writes among which a kill strikes; a command with fewer escapes."""
MORE = 4
"""Releases that may stand beside the newest: what serves, what is gone back to, what was killed."""


class Killed(BaseException):
    """The process is killed: nothing of it runs any more."""


class Mortal(Server):
    """Kills who asks at the write of a number, before or after it has been carried out."""

    def __init__(self) -> None:
        """Kill nobody yet."""
        super().__init__()
        self.dying: Callable[[], None] = lambda: None
        self.left = -1
        self.after = False
        self.is_dead = False

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *rest: Any,
        **more: Any,
    ) -> Any:
        """Answer, or not."""
        if self.is_dead:
            raise Killed
        strikes = method != "GET" and "dryRun" not in (query or {}) and self._counts_down()
        if strikes and not self.after:
            self._kill()
        answer = super().request(method, path, query, *rest, **more)
        if strikes:
            self._kill()
        return answer

    def _counts_down(self) -> bool:
        self.left -= 1
        return self.left == 0

    def _kill(self) -> None:
        self.is_dead = True
        self.dying()
        raise Killed


@dataclass(frozen=True)
class Served:
    """A version in the chain of what served."""

    version: str
    number: int


@dataclass
class Model:
    """What the ledger must say: the state of each release, and the chain of what served."""

    states: dict[int, str] = field(default_factory=dict)
    """By number; `versions` alike."""
    versions: dict[int, str] = field(default_factory=dict)
    chain: list[Served] = field(default_factory=list)
    left: set[Served] = field(default_factory=set)
    """What was rolled back from after it had served."""
    version: str = ""
    """What the cluster runs, or tries to."""
    runs: bool = False

    @property
    def serving(self) -> Served | None:
        """What was the last to succeed."""
        return self.chain[-1] if self.chain else None

    def goes_to(self, version: str, broken: set[str]) -> bool:
        """Let the cluster go to a version; return whether it had to be written."""
        if self.version == version:
            return False
        self.version, self.runs = version, version not in broken
        return True

    @property
    def newest(self) -> int:
        """The number of the newest release."""
        return max(self.states, default=0)

    def add(self, version: str, state: str) -> Served:
        """Record a release."""
        number = self.newest + 1
        self.versions[number], self.states[number] = version, state
        return Served(version, number)

    def forget(self, kept: Collection[int], most: int) -> None:
        """Forget what is no longer kept: old ones, but not what serves or is gone back to."""
        needed = {item.number for item in (self.serving, self.previous()) if item}
        assert needed.union(sorted(self.states)[-most:]) <= set(kept)
        for number in self.states.keys() - set(kept):
            del self.states[number], self.versions[number]
        self.chain = [item for item in self.chain if item.number in self.states]
        self.left = {item for item in self.left if item.number in self.states}

    def upped(self, version: str, *, written: bool) -> None:
        """Record what an `up` did, if it did anything."""
        if not self.runs:
            if written:
                self.add(version, "failed")
            return
        if not written and self._is_at(version):
            return
        one = self.add(version, "deployed")
        if self.serving and self.serving.version == version:
            self.chain.pop()
        self.chain.append(one)

    def rolled_back(self, goal: Served, *, written: bool) -> None:
        """Record what a rollback did: if it succeeds, what served and was tried since is left."""
        if not self.runs:
            if written:
                self.add(goal.version, "failed")
            return
        begin = self.serving.number if self.serving else 1
        for number, version in self.versions.items():
            state = self.states[number]
            if number < begin or version == goal.version:
                continue
            if state == "undone" or "rolled back" in state:
                continue
            if state == "deployed":
                self.left.add(Served(version, number))
            back = f"rolled back to {goal.number}"
            self.states[number] = back if state == "deployed" else f"{state}, {back}"
        places = [index for index, item in enumerate(self.chain) if item.version == goal.version]
        self.chain = self.chain[: places[-1]] if places else self.chain
        self.chain.append(self.add(goal.version, "deployed"))

    def is_good(self, one: Served) -> bool:
        """Whether it served, and was not left since."""
        later = [item for item in self.left if item.version == one.version]
        deployed = self.states[one.number] == "deployed"
        return deployed and all(item.number < one.number for item in later)

    def previous(self) -> Served | None:
        """Where a rollback goes."""
        last = self.versions[self.newest] if self.versions else ""
        earlier = (item for item in reversed(self.chain) if item.version != last)
        return next((item for item in earlier if self.is_good(item)), None)

    def refuses(self, version: str) -> bool:
        """Whether the last try of this version was undone or rolled back from."""
        tries = [self.states[number] for number, v in self.versions.items() if v == version]
        return bool(tries) and ("undone" in tries[-1] or "rolled back" in tries[-1])

    def _is_at(self, version: str) -> bool:
        tries = ((self.versions[number], state) for number, state in self.states.items())
        remaining = [(v, state) for v, state in tries if state != "undone"]
        return remaining[-1:] == [(version, "deployed")]


@dataclass(frozen=True)
class Kill:
    """At which write, and whether before or after it has been carried out; 0: none."""

    write: int
    after: bool


KILLS = st.one_of(
    st.just(Kill(0, after=False)), st.builds(Kill, st.integers(1, MOST), st.booleans())
)


class Histories(RuleBasedStateMachine):
    """Any sequence of `up`, `rollback` and undo, each killed anywhere and then finished."""

    root: Path
    """Where projects are laid out; another folder in each run."""

    def __init__(self) -> None:
        """Begin with an empty cluster."""
        super().__init__()
        self.server = Mortal()
        self.server.broken.update(BAD)
        self.root.mkdir(parents=True, exist_ok=True)
        folder = self.root / str(len(list(self.root.iterdir())))
        self.shop = Shop(folder, self.server)
        self.model = Model()
        self.kept = store.KEPT

    @initialize(kept=st.sampled_from([5, store.KEPT]))
    def keeps(self, kept: int) -> None:
        """Keep as many releases as ever, or so few that old ones go soon."""
        store.KEPT = kept

    def teardown(self) -> None:
        """Keep as many as before."""
        store.KEPT = self.kept

    @rule(version=st.sampled_from(GOOD + BAD), again=st.booleans(), kill=KILLS)
    def up(self, version: str, kill: Kill, *, again: bool) -> None:
        """Declare a version and bring it up."""
        options = UpOptions(allow_rejected=again)
        self._declare(version)
        if self.model.refuses(version) and not again:
            assert not self._succeeds(lambda: self.shop.up(options))
            return
        written = self.model.goes_to(version, self.server.broken)
        self.model.upped(version, written=written)
        succeeded, _ = self._ends(lambda: self.shop.up(options), kill)
        if succeeded is None:
            succeeded = self._succeeds(lambda: self.shop.up(options))
            self._accept(written=written, version=version)
        assert succeeded == self.model.runs

    @rule(version=st.sampled_from(BAD), kill=KILLS)
    def undo(self, version: str, kill: Kill) -> None:
        """Bring up what fails, and what serves again."""
        options = UpOptions(allow_rejected=True, undo_on_failure=True)
        self._declare(version)
        before = self.model.newest
        served = self.model.serving
        written = self.model.goes_to(version, self.server.broken)
        self.model.upped(version, written=written)
        if written and served:
            self.model.goes_to(served.version, self.server.broken)
            if self.model.runs:
                self.model.states[self.model.newest] = "undone"
        succeeded, _ = self._ends(lambda: self.shop.up(options), kill)
        if succeeded is None:
            succeeded = self._succeeds(lambda: self.shop.up(options))
            self._accept_tries(before, version)
        assert not succeeded

    @precondition(lambda self: self.model.states)
    @rule(kill=KILLS, by_up=st.booleans())
    def roll_back(self, kill: Kill, *, by_up: bool) -> None:
        """Go back, unasked where to."""
        goal = self.model.previous()
        if goal is None:
            assert not self._succeeds(lambda: self._rollback(None))
            return
        self._goes_back(goal, None, kill, by_up=by_up)

    @precondition(lambda self: self.model.states)
    @rule(data=st.data(), kill=KILLS, again=st.booleans(), by_up=st.booleans())
    def roll_back_to(self, data: st.DataObject, kill: Kill, *, again: bool, by_up: bool) -> None:
        """Go back to any release."""
        number = data.draw(st.sampled_from(sorted(self.model.states)))
        goal = Served(self.model.versions[number], number)
        if not (again or self.model.is_good(goal)):
            assert not self._succeeds(lambda: self._rollback(number, again=False))
            return
        self._goes_back(goal, number, kill, by_up=by_up)

    @rule(version=st.sampled_from(GOOD))
    def breaks_or_heals(self, version: str) -> None:
        """Let new pods of a version run no more, or run again."""
        self.server.broken ^= {version}

    @invariant()
    def the_ledger_is_as_the_model_has_it(self) -> None:
        """Compare states, the chain, what serves, where a rollback goes, and the cluster."""
        history = self.shop.history()
        self.model.forget([item.number for item in history], store.KEPT)
        previous, goal = ledger.previous(history), self.model.previous()
        serving = ledger.serving(history)
        assert {item.number: item.state for item in history} == self.model.states
        assert len(history) <= store.KEPT + MORE
        assert [item.number for item in ledger.chain(history)] == [
            item.number for item in self.model.chain
        ]
        assert (previous and previous.number) == (goal and goal.number)
        assert (serving and serving.images["web"]) == (
            self.model.serving and self.model.serving.version
        )
        if self.model.version:
            assert self.server.objects[WEB]["spec"]["image"] == self.model.version

    def _goes_back(self, goal: Served, number: int | None, kill: Kill, *, by_up: bool) -> None:
        before, known = self._files(), self.model.newest
        leaving = self.model.serving
        written = self.model.goes_to(goal.version, self.server.broken)
        self.model.rolled_back(goal, written=written)
        succeeded, files = self._ends(lambda: self._rollback(number), kill)
        if succeeded is None:
            if files != before and leaving and leaving.version != goal.version:
                self._is_guarded(leaving.version)
            history = self.shop.history()
            if history[-1].number == known or ledger.pending(history):
                again = by_up and files != before
                succeeded = self._succeeds(
                    self.shop.up if again else lambda: self._rollback(number)
                )
            self._accept(written=written, version=goal.version)
        if self.model.runs:
            assert f"image: {goal.version}" in self.shop.file.read_text()
        assert succeeded in {None, self.model.runs}

    def _is_guarded(self, version: str) -> None:
        """See that another checkout cannot bring up what a rollback is leaving, or has left."""
        history = self.shop.history()
        serving = ledger.serving(history)
        if ledger.pending(history) is None and serving and serving.images["web"] == version:
            return  # The rollback has failed, so it leaves nothing.
        declared = self.shop.file.read_text()
        self._declare(version)
        assert not self._succeeds(self.shop.up)
        assert self.server.writes == []
        self.shop.file.write_text(declared)

    def _accept(self, *, written: bool, version: str) -> None:
        """Accept that a killed command that had nothing to write has left a failed release."""
        if not self.model.runs and not written:
            self._accept_tries(self.model.newest, version)

    def _accept_tries(self, before: int, version: str) -> None:
        """Accept releases of a version that failed, or were undone, after what was `before`."""
        tries = {item.number: item.state for item in self.shop.history() if item.number > before}
        assert set(tries.values()) <= {"failed", "undone"}
        self.model.states.update(tries)
        self.model.versions.update(dict.fromkeys(tries, version))
        live = self.server.objects[WEB]["spec"]["image"]
        self.model.goes_to(live, self.server.broken)

    def _rollback(self, number: int | None, *, again: bool = True) -> None:
        self.server.writes.clear()
        rollback(self.shop.engine, number, force_conflicts=False, yes=True, again=again)

    def _declare(self, version: str) -> None:
        text = re.sub("image: web:\\w+", f"image: {version}", self.shop.file.read_text())
        self.shop.file.write_text(text)

    def _files(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.shop.root.rglob("*") if path.is_file()}

    def _ends(self, command: Callable[[], Any], kill: Kill) -> tuple[bool | None, Any]:
        """Return whether the command succeeds, None if it is killed, and the files at its end."""
        files: dict[Path, bytes] = {}
        self.server.dying = lambda: files.update(self._files())
        self.server.left, self.server.after = kill.write, kill.after
        try:
            return self._succeeds(command), self._files()
        except Killed:
            for path, data in files.items():  # what the process put in order, it never did
                path.write_bytes(data)
            return None, files
        finally:
            self.server.left, self.server.is_dead = 0, False

    def _succeeds(self, command: Callable[[], Any]) -> bool:
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            try:
                command()
            except KubiaError:
                return False
        return True
