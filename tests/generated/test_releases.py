"""Nobody is lost: every declared state of a web service brought up over every other.

The API server is in memory, and no new pod is ready before somebody waits for it. After each write,
and whenever pods become ready, it is asked to whom the Service and the route lead. A state is also
met as an earlier version of the program declared it. `make soak` goes through all pairs, CI through
some.
"""

import functools
import itertools
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components import WebService
from kubia.apply import api as apply_api
from kubia.apply import applyset, execute, plan
from kubia.apply.api import Api
from kubia.apply.errors import RefusedError
from kubia.apply.model import DesiredState
from kubia.apply.wait import RolloutError, Timing
from kubia.console import Progress
from kubia.live import endpoints
from kubia.manifests.meta import LANE
from kubia.program import objects, run
from kubia.program.monitor import Options
from kubia.program.objects import Manifest
from tests.generated.slow_server import BAD, SERVICES, SPACE, Slow, Stuck
from tests.unit import applied

SEED = int(os.environ["SEED"])
SAMPLE = 8
"""States without COUNT, which `make soak` sets: then all."""
SCALER = {"minReplicas": 2, "maxReplicas": 5}
AT_ONCE = Timing(first_pause=0.0, longest_pause=0.0, settling=0.0)
Count = Literal["none", "four", "scaled"]
ROUTE = {"parent_refs": [{"name": "gateway"}]}
COUNTS: Mapping[str, Mapping[str, Any]] = {
    "none": {"replicas": 0},
    "four": {"replicas": 4},
    "scaled": {"autoscaler": SCALER},
}


@dataclass(frozen=True)
class State:
    """What a stack declares; `legacy` as the version before lanes did."""

    type: str
    count: str = "four"
    image: str = "kubia:v1"
    paused: bool = False
    active: str | None = None
    idle: str | None = None
    canary: str | None = None
    canaries: int = 1
    weight: int | None = None
    legacy: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether all of it runs."""
        return not (self.paused or self.count == "none" or BAD in {*self.images, self.idle})

    @property
    def web(self) -> dict[str, Any]:
        """The stack file's part."""
        strategy = {
            "type": self.type,
            "paused": self.paused or None,
            "active": self.active,
            "idleImage": self.idle,
            "canaryImage": self.canary,
            "canaryReplicas": self.canaries if self.canary else None,
            "canaryWeight": self.weight,
        }
        given = {key: value for key, value in strategy.items() if value is not None}
        return {"image": self.image, "strategy": given, "route": ROUTE, **COUNTS[self.count]}

    @property
    def unrouted(self) -> dict[str, Any]:
        """The same without its route, for a cluster that has no Gateway."""
        return {key: value for key, value in self.web.items() if key != "route"}

    @property
    def images(self) -> set[str]:
        """Those that users may meet."""
        return {self.image, *([self.canary] if self.canary else [])}

    @property
    def pods(self) -> int:
        """How many the Service shall go to, at least."""
        own = {"none": 0, "four": 4, "scaled": 2}[self.count]
        return own + (self.canaries if self.canary and self.weight is None else 0)


def states() -> list[State]:
    """Return all combinations."""
    images, pauses = ("kubia:v1", "kubia:v2"), (False, True)
    rolling = itertools.product(("RollingUpdate", "Recreate"), COUNTS, images, pauses)
    every = [State(*each) for each in rolling]
    idles = (None, "kubia:v1", BAD)
    for active, count, image, idle in itertools.product(
        ("blue", "green"), ("none", "four"), images, idles
    ):
        every.append(State("BlueGreen", count, image, active=active, idle=idle))
    canaries = ((None, 1), ("kubia:v2", 1), ("kubia:v2", 3), (BAD, 1))
    for count, image, paused, (canary, number) in itertools.product(
        COUNTS, images, pauses, canaries
    ):
        every.append(State("Canary", count, image, paused, canary=canary, canaries=number))
    return [*every, *weighted()]


def weighted() -> Iterator[State]:
    """Yield all combinations with a canary that has a weight."""
    canaries = (("kubia:v2", 1, 10), ("kubia:v2", 3, 100), ("kubia:v2", 1, 0), (BAD, 1, 10))
    for count, image, paused, (canary, number, weight) in itertools.product(
        ("four", "scaled"), ("kubia:v1", "kubia:v2"), (False, True), canaries
    ):
        yield State("Canary", count, image, paused, canary=canary, canaries=number, weight=weight)


def pairs() -> list[tuple[State, State]]:
    """Return all pairs, the first state of each also as it once was declared.

    Half of a sample are states that can come up, or there would be little to lose; one more has a
    weight.
    """
    some = states()
    if not os.environ.get("COUNT"):
        dice, plain = random.Random(SEED), [state for state in some if state.is_plain]
        rest = [state for state in some if not state.is_plain]
        heavy = [state for state in plain if state.weight]
        some = [*dice.sample(plain, SAMPLE // 2), *dice.sample(rest, SAMPLE // 2)]
        some += [each for each in [dice.choice(heavy)] if each not in some]
    befores = [*some, *(replace(state, legacy=True) for state in some if state.weight is None)]
    return [(one, other) for one in befores for other in some if one != other]


@dataclass
class Lost(Exception):  # noqa: N818 - what it says is what happened
    """A user has lost something."""

    problems: list[str]


@dataclass
class Users:
    """Those whom the Service serves while a state is brought up."""

    least: int
    images: set[str]
    instances: set[str]
    """Whose pods served before: these roll while they serve."""
    come_by_route: bool

    @classmethod
    def of(cls, server: Slow, after: State) -> "Users":
        """Return them as they are before."""
        pods = server.serving()
        routed = server.routed()
        services = [server.objects.get(f"{SERVICES}/{name}") for name in {"kubia", *routed}]
        served = [
            labels
            for labels in map(endpoints.of_pods, server.all("Deployment"))
            if any(it and endpoints.selects(it["spec"]["selector"], labels) for it in services)
        ]
        instances = {each["app.kubernetes.io/instance"] for each in served}
        gap = after.type == "Recreate" and "kubia" in instances
        least = 0 if gap else min(len(pods), after.pods)
        # A rollout that stands still goes on with the version that it has.
        standing = server.all("ReplicaSet") if after.paused else []
        versions = [*pods, *itertools.chain(*routed.values())]
        versions += [item["spec"]["template"] for item in standing]
        images = {_image(pod) for pod in versions} | after.images
        return cls(least, images, instances, bool(routed))

    def look(self, server: Slow) -> None:
        """Ask whether all is well.

        Raises:
            Lost: it is not.

        """
        if problems := [*self._problems(server)]:
            raise Lost(problems)

    def _problems(self, server: Slow) -> Iterator[str]:
        pods = server.serving()
        if len(pods) < self.least:
            yield f"{len(pods)} pods serve, {self.least} are needed"
        routed = server.routed()
        for name, behind in routed.items():
            if self.least and self.come_by_route and not behind:
                yield f"the route leads to Service {name}, which has no endpoints"
        others = [pod for behind in routed.values() for pod in behind if pod not in pods]
        for pod in [*pods, *others]:
            if _image(pod) not in self.images:
                yield f"users meet {_image(pod)}"
            rolls = _instance(pod) in self.instances or not self.least
            is_canary = _instance(pod) == "kubia-canary" and pod in pods
            beside = is_canary and "kubia" in map(_instance, pods)
            if not (rolls or beside or _has_been_available(server, pod)):
                yield f"users meet {pod['metadata']['name']} before all of it is ready"


def _image(pod: Mapping[str, Any]) -> str:
    return str(pod["spec"]["containers"][0]["image"])


def _instance(pod: Mapping[str, Any]) -> str:
    return str(endpoints.labels(pod)["app.kubernetes.io/instance"])


def _has_been_available(server: Slow, pod: Mapping[str, Any]) -> bool:
    owner = pod["metadata"]["ownerReferences"][0]["name"]
    return any(path.endswith(f"/{owner}") for path in server.available)


Change = Callable[[DesiredState], DesiredState]


def as_it_is(desired: DesiredState) -> DesiredState:
    """Change nothing."""
    return desired


def without_order(desired: DesiredState) -> DesiredState:
    """Be the control: no Deployment waits for the Service."""
    return _hasty(desired, "Deployment")


def with_a_hasty_route(desired: DesiredState) -> DesiredState:
    """Be the control: the route waits for nothing."""
    return _hasty(desired, "HTTPRoute")


def _hasty(desired: DesiredState, kind: str) -> DesiredState:
    """Let what is of this kind depend on nothing."""
    hasty = (
        replace(item, resource=replace(item.resource, dependencies=()))
        if item.key.kind == kind
        else item
        for item in desired.manifests
    )
    return replace(desired, manifests=tuple(hasty))


def as_it_was(desired: DesiredState) -> DesiredState:
    """Declare as before lanes: a rolling Service selects `app`, an autoscaler's number is none."""
    return replace(desired, manifests=tuple(map(_as_it_was, desired.manifests)))


def _as_it_was(manifest: Manifest) -> Manifest:
    item = applied.copied(manifest.object)
    spec = item.get("spec", {})
    if item["kind"] == "Service":
        spec["selector"].pop(LANE, None)
    if item["kind"] == "Deployment":
        for holder in (item["metadata"], spec["template"]["metadata"]):
            holder["labels"].pop(LANE, None)
        if manifest.resource.options.ignore_changes:
            del spec["replicas"]
    options = Options(protect=manifest.resource.options.protect)
    return Manifest(manifest.key, item, replace(manifest.resource, options=options))


@functools.cache
def desired(state: State) -> DesiredState:
    """Return what the program declares in a state."""
    if state.legacy:
        return as_it_was(desired(replace(state, legacy=False)))

    def main() -> None:
        opts = pulumi.ResourceOptions(provider=k8s.Provider("cluster", context="fake"))
        k8s.core.v1.Namespace(SPACE, metadata={"name": SPACE}, opts=opts)
        args: Any = {"namespace": SPACE, **state.web}
        WebService("kubia", args, opts)

    manifests = objects.of_program(run.run(main, "kubia", "dev"))
    return DesiredState("kubia", "dev", applyset.parent("kubia", "dev", SPACE), manifests)


def bring_up(server: Slow, state: DesiredState) -> str:
    """Bring what is declared up; say how that ended, by its first words."""
    api = Api(server)  # type: ignore[arg-type]
    try:
        planned = plan.make(api, state)
    except RefusedError:
        return "refused"
    server.writes.clear()
    try:
        execute.apply(api, planned, Progress(None), timing=AT_ONCE)
    except RolloutError:
        return "failed"
    except Stuck:
        return "held"
    return "done"


@functools.cache
def running(state: State) -> Slow:
    """Return a cluster on which a state was brought up; paused ones ran before they were."""
    server = Slow(high=len(repr(state)) % 2 == 0)
    if state.paused:
        bring_up(server, desired(replace(state, paused=False)))
    bring_up(server, desired(state))
    server.tick()
    return server


def go(before: State, after: State, change: Change = as_it_is) -> str:
    """Bring one state up over another, under the users' eyes.

    Raises:
        Lost: they have lost something.

    """
    server = running(before).copied()
    server.seen = Users.of(server, after).look
    declared = change(desired(after))
    end = bring_up(server, declared)
    if problems := [*_at_the_end(server, declared, before, after, end)]:
        raise Lost(problems)
    return end


def _at_the_end(
    server: Slow, declared: DesiredState, before: State, after: State, end: str
) -> Iterator[str]:
    narrow = before.legacy and (after.type == "BlueGreen" or after.weight is not None)
    if end == "refused" and not (after.paused or after.count == "none" or narrow):
        yield "refused without a cause"
    if end == "held":
        yield "something is waited for that never comes"
    if end == "refused" and server.writes:
        yield "refused after something was written"
    if end == "done":
        server.tick()
        if not after.paused and len(server.serving()) < after.pods:
            yield f"{len(server.serving())} pods serve in the end, of {after.pods}"
        if not plan.make(Api(server), declared).is_empty:  # type: ignore[arg-type]
            yield "another `up` would change something"


def losses(
    some: Sequence[tuple[State, State]], change: Change, tally: Counter[str]
) -> Iterator[str]:
    """Yield what is lost on the way from one state to another."""
    for before, after in some:
        try:
            tally[go(before, after, change)] += 1
        except Lost as lost:
            yield f"{before}\n  → {after}\n  ! {lost.problems}"


class OneByOne:
    """Does on this thread what the engine hands to several at once."""

    def __init__(self, _most: int) -> None:
        pass

    def map(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Return the results."""
        return iter([work(item) for item in items])

    def shutdown(self, **_how: bool) -> None:
        """Do nothing: nothing goes on."""


@pytest.fixture(autouse=True)
def _on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_api, "ThreadPoolExecutor", OneByOne)


def test_nobody_is_lost_between_any_two_states() -> None:
    some, tally = pairs(), Counter[str]()

    found = list(losses(some, as_it_is, tally))

    print(f"\nSEED={SEED}: {len(some)} pairs: {dict(tally)}")  # noqa: T201 - what was run
    assert found == []
    assert tally["done"] > len(some) / 4


BLUE = State("BlueGreen", active="blue", image="kubia:v2", idle="kubia:v1")
HEAVY = State("Canary", canary="kubia:v2", weight=10)
CONTROLS: Sequence[tuple[Change, State, State]] = (
    (with_a_hasty_route, State("RollingUpdate"), HEAVY),
    (without_order, BLUE, replace(BLUE, active="green", image="kubia:v1", idle="kubia:v3")),
    (as_it_was, State("RollingUpdate"), State("RollingUpdate", count="scaled")),
)


@pytest.mark.parametrize(("change", "before", "after"), CONTROLS)
def test_without_the_order_or_the_autoscaler_s_number_users_are_lost(
    change: Change, before: State, after: State
) -> None:
    assert list(losses([(before, after)], change, Counter()))
