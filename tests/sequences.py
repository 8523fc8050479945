"""What a stack goes through: a sequence of states that it is to be in, generated from a seed.

Each step is an `up` of a state; it ends well, fails, or is killed. After each of them the cluster
is asked whether anything was lost.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, Protocol, Self

from kubia.project.stackfile import Stack
from tests.oracle import Object, differences, lost

SECRETS = "kubia:secrets"
TAKEN = 30999
"""A node port that somebody else has."""
_OPTIONS: Mapping[str, tuple[Any, ...]] = {
    "image": ("kubia:v1", "kubia:v2", "kubia:v3"),
    "strategy": ("RollingUpdate", "Recreate", "paused", "canary", "blue", "green"),
    "secret": (None, "a", "b", "c"),
    "hello": ("hello", "hi", "good day"),
    "other": (None, "this", "that"),
    "agent": (None, "ssd-monitor:v1", "ssd-monitor:v2"),
}
TROUBLES = ("kubia", "hello", "port")
_STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "RollingUpdate": {},
    "Recreate": {"type": "Recreate"},
    "paused": {"paused": True},
    "canary": {"type": "Canary", "canaryImage": "kubia:v4"},
    "blue": {"type": "BlueGreen", "active": "blue"},
    "green": {"type": "BlueGreen", "active": "green", "idleImage": "kubia:v1"},
}
_LARGE = {"requests": {"cpu": "99", "memory": "32Mi"}}
"""More than any node has: such a pod never starts."""
_DEADLINE = 5
"""Seconds without progress after which a rollout has failed."""


@dataclass(frozen=True)
class State:
    """What a stack declares. A site or an agent that is None is not declared."""

    namespace: str = "one"
    image: str = "kubia:v1"
    strategy: str = "RollingUpdate"
    secret: str | None = None
    hello: str = "hello"
    other: str | None = None
    agent: str | None = None
    trouble: str | None = None
    """Whose pods never start, or "port": the Service's node port is taken."""

    def document(self, prefix: str, context: str) -> dict[str, Any]:
        """Return the content of the stack file; its namespaces begin with `prefix`."""
        sites = {"hello": self._site("hello", self.hello)}
        if self.other is not None:
            sites["other"] = self._site("other", self.other)
        agent = {"image": self.agent, "nodeSelector": {"disk": "ssd"}}
        config = {
            "contexts": [context],
            "namespace": f"{prefix}-{self.namespace}",
            "services": {"kubia": self._web()},
            "secrets": {} if self.secret is None else {"kubia": {"TOKEN": self.secret}},
            "sites": sites,
            "agents": {} if self.agent is None else {"ssd-monitor": agent},
            "operators": {},
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
            "nodeAddress": "127.0.0.1",
            "protect": False,
        }
        named = {f"kubia:{key}": value for key, value in config.items()}
        return {"config": {**named, "pulumi:disable-default-providers": ["kubernetes"]}}

    def _web(self) -> dict[str, Any]:
        strategy = {**_STRATEGIES[self.strategy], "progressDeadlineSeconds": _DEADLINE}
        web = {"image": self.image, "strategy": strategy, **self._size("kubia")}
        if self.trouble == "port":
            web |= {"serviceType": "NodePort", "nodePort": TAKEN}
        return web

    def _site(self, name: str, text: str) -> dict[str, Any]:
        content = {"index.html": text}
        if text == "that":
            content["of/it all.html"] = text  # no key of a ConfigMap: mounted by items
        site = {"content": content, "progressDeadlineSeconds": _DEADLINE}
        return {**site, **self._size(name)}

    def _size(self, name: str) -> dict[str, Any]:
        return {"resources": _LARGE} if self.trouble == name else {}

    def __str__(self) -> str:
        """Return what differs from the plainest state."""
        plain = State()
        parts = (
            f"{name}={getattr(self, name)}"
            for name in FIELDS
            if getattr(self, name) != getattr(plain, name)
        )
        return " ".join(parts) or "plain"


def unsealed(stack: Stack) -> Stack:
    """Return a stack of a document whose secrets stand there as if they had been unsealed."""
    return replace(stack, secret_keys=frozenset({SECRETS}))


FIELDS = tuple(item.name for item in fields(State))


@dataclass(frozen=True)
class Fault:
    """What happens to an `up` at some moment, from 0 (its begin) up to 1 (its end)."""

    kind: Literal["killed before", "killed after", "refused"]
    """Killed before or after the write at this moment takes effect, or the write is refused."""
    moment: float

    def __str__(self) -> str:
        """Return what happens, and when."""
        return f"{self.kind} {self.moment:.2f}"


@dataclass(frozen=True)
class Step:
    """An `up` of a state."""

    state: State
    fault: Fault | None = None

    def __str__(self) -> str:
        """Return the step in one line."""
        return f"up {self.state}" + (f", {self.fault}" if self.fault else "")


End = Literal["done", "failed", "killed"]


class World(Protocol):
    """A stack and its cluster, under one of the engines."""

    def up(self, step: Step) -> End:
        """Bring a state up; say how that ended."""
        ...

    def declared(self, state: State) -> list[Object]:
        """Return the objects of a state."""
        ...

    def live(self) -> list[Object]:
        """Return the objects of the stack's namespaces."""
        ...

    def changes(self, state: State) -> bool:
        """Whether a preview of the state says that anything would change."""
        ...

    def copied(self) -> Self | None:
        """Return a copy to try something with; None where there cannot be one."""
        ...

    def refuses(self, state: State) -> bool:
        """Whether docs/engines.md says that this engine refuses to go to the state from here."""
        ...


@dataclass
class Tally:
    """How much was run."""

    sequences: int = 0
    steps: int = 0
    done: int = 0
    failed: int = 0
    killed: int = 0

    def __str__(self) -> str:
        """Return the counts in one line."""
        return (
            f"{self.sequences} sequences, {self.steps} steps: "
            f"{self.done} done, {self.failed} failed, {self.killed} killed"
        )


@dataclass
class Lost(Exception):  # noqa: N818 - what it says is what happened
    """Something is not as it was declared, after these steps."""

    problems: list[str]
    steps: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the steps and what is wrong after them, a line each."""
        return "\n  ".join(["", *map(str, self.steps), *(f"! {line}" for line in self.problems)])


def generate(
    seed: int, number: int, longest: int = 8, troubles: Sequence[str] = TROUBLES
) -> list[Step]:
    """Return the sequence of this number: always the same one of a seed."""
    dice = random.Random(f"{seed}/{number}")
    steps: list[Step] = []
    length = dice.randint(3, longest)
    while len(steps) < length:
        earlier = [step.state for step in steps]
        is_hurt = bool(steps) and Step(replace(earlier[-1], trouble=None)) != steps[-1]
        goes_back = len(earlier) > 1 and dice.random() < (0.7 if is_hurt else 0.3)
        state = dice.choice(earlier) if goes_back else _next(dice, earlier, troubles)
        steps.append(Step(state, _fault(dice)))
    return steps


def run(steps: Sequence[Step], world: World, tally: Tally) -> None:
    """Go through the steps, and in the end back to the last state that was good.

    Raises:
        Lost: something is not as it was declared.

    """
    good: State | None = None
    done: list[Step] = []
    tally.sequences += 1
    for step in steps:
        done.append(step)
        end = _step(step, world, done)
        tally.steps += 1
        setattr(tally, end, getattr(tally, end) + 1)
        if end == "done":
            good = step.state
        elif good and (copy := world.copied()):
            _step(Step(good), copy, [*done, Step(good)])
    if good:
        _step(Step(good), world, [*done, Step(good)])


def shrunk(steps: list[Step], fails: Callable[[list[Step]], Lost | None]) -> Lost | None:
    """Return how the shortest and plainest sequence fails that is found from one that does."""
    best = fails(steps)
    if best is None:
        return None
    for smaller in _smaller(steps):
        if fails(smaller):
            return shrunk(smaller, fails)
    return best


def _step(step: Step, world: World, done: list[Step]) -> End:
    end = world.up(step)
    live = world.live()
    problems = lost(live)
    if end == "done":
        problems += differences(live, world.declared(step.state))
        if world.changes(step.state):
            problems.append("a preview says that something would change")
        elif problems:
            problems.append("a preview says that nothing would change")
    elif end == "failed" and _should_work(step) and not world.refuses(step.state):
        problems.append("failed, though nothing was wrong")
    if problems:
        raise Lost(problems, done)
    return end


def _should_work(step: Step) -> bool:
    """Whether nothing is wrong; a pause is refused where it would leave nobody serving."""
    return step == Step(replace(step.state, trouble=None)) and step.state.strategy != "paused"


def _next(dice: random.Random, earlier: Sequence[State], troubles: Sequence[str]) -> State:
    state = earlier[-1] if earlier else State()
    for name in dice.sample(sorted(_OPTIONS), dice.randint(1, 3)):
        state = replace(state, **{name: dice.choice(_OPTIONS[name])})
    chance = dice.random()
    if chance < 0.05:
        state = replace(state, namespace="two" if state.namespace == "one" else "one")
    trouble = dice.choice(troubles) if chance > 0.6 else None
    return replace(state, trouble=trouble)


def _fault(dice: random.Random) -> Fault | None:
    kind = dice.choice(("killed before", "killed after", "refused", None, None, None))
    return Fault(kind, dice.random()) if kind else None  # type: ignore[arg-type]


def _smaller(steps: Sequence[Step]) -> Iterable[list[Step]]:
    """Return sequences with one step fewer, with a plainer step, or plainer in all steps."""
    for index in range(len(steps) if len(steps) > 1 else 0):
        yield [*steps[:index], *steps[index + 1 :]]
    for index, step in enumerate(steps):
        for other in _plainer(step):
            yield [*steps[:index], other, *steps[index + 1 :]]
    for name in FIELDS:
        every = [replace(step, state=_with_plain(step.state, name)) for step in steps]
        if every != steps:
            yield every


def _plainer(step: Step) -> Iterable[Step]:
    if step.fault:
        yield Step(step.state)
    for name in FIELDS:
        state = _with_plain(step.state, name)
        if state != step.state:
            yield Step(state, step.fault)


def _with_plain(state: State, name: str) -> State:
    value: Any = getattr(State(), name)
    return replace(state, **{name: value})
