"""`kubia engine move`: nothing that runs changes, and wherever it is killed it goes on or back."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from kubia.actions import move
from kubia.actions.kubectl import KubectlEngine
from kubia.actions.pulumi import PulumiEngine
from kubia.apply import applyset
from kubia.apply.api import Api
from kubia.apply.keeper import OTHER, EngineName
from kubia.errors import InvalidError, KubiaError
from kubia.live import managed_fields
from kubia.observe.monitor import RolloutMonitor
from kubia.program.objects import Manifest, ObjectRef
from kubia.releases.lease import Lease
from kubia.releases.record import UpOptions
from kubia.session import Session
from tests.unit import releasing
from tests.unit.releasing import PROGRAM, SPACE, Shop

WRITER = '"annotations": {"pulumi.com/patchFieldManager": "kubia"}'
DECLARED = PROGRAM.replace('"namespace": "shop"}', f'"namespace": "shop", {WRITER}}}').replace(
    '{"name": "shop"}', f'{{"name": "shop", {WRITER}}}'
)
RECORD = f"{SPACE}/configmaps/shop-dev"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
KEYS = [
    ObjectRef("", "Namespace", "", "shop"),
    ObjectRef("", "ConfigMap", "shop", "help"),
    ObjectRef("apps", "Deployment", "shop", "web"),
]


@dataclass(frozen=True)
class Pulumi(PulumiEngine):
    """Pulumi's half: applies what is declared as its provider does; `state` is all it knows."""

    state: set[ObjectRef] = field(default_factory=set)
    manifests: tuple[Manifest, ...] = ()
    server: Any = None
    record = "the stack's state in s3://states"

    def adopt(self, lease: Lease) -> None:
        self.release(lease)
        for manifest in self.manifests:
            Api(self.server).apply(manifest.object)
            self.state.add(manifest.key)

    def release(self, lease: Lease) -> None:  # noqa: ARG002 - of the real one
        self.state.clear()

    def known(self) -> frozenset[ObjectRef]:
        return frozenset(self.state)


class KilledError(Exception):
    """Ends a command as `kill -9` does: nobody gets to say anything."""


@dataclass
class Killing:
    """The API server, up to the write at which the command is killed."""

    server: Any
    left: int

    context = "fake"

    def request(self, method: str, path: str, query: Any = None, *rest: Any, **named: Any) -> Any:
        if method != "GET" and "dryRun" not in (query or {}) and "/leases" not in path:
            if not self.left:
                raise KilledError
            self.left -= 1
        return self.server.request(method, path, query, *rest, **named)


@dataclass
class World:
    """A stack that is up by the kubectl engine, on a machine with Pulumi."""

    shop: Shop
    state: set[ObjectRef] = field(default_factory=set)
    sessions: dict[str, Session] = field(default_factory=dict)
    """By what the files say, so that the program runs once for each."""

    @property
    def engine(self) -> KubectlEngine:
        files = self.shop.file.read_text() + (self.shop.root / "__main__.py").read_text()
        session = self.sessions.setdefault(files, self.shop.session)
        return replace(self.shop.engine, session=session)

    def move(self, to: EngineName, *, killed_at: int | None = None) -> None:
        left = 10**6 if killed_at is None else killed_at
        server: Any = Killing(self.shop.server, left)

        @contextlib.contextmanager
        def connect(_context: str) -> Iterator[Any]:
            yield server

        kubectl = replace(self.engine, connect=connect)
        session = replace(kubectl.session, engine="pulumi")
        manifests = kubectl.desired.manifests
        pulumi = Pulumi(session, state=self.state, manifests=manifests, server=server)
        move.move(kubectl, pulumi, to, yes=True)

    def live(self) -> dict[str, Any]:
        """Return what a move must not change: all but labels and annotations of the objects."""
        objects = self.shop.server.objects.items()
        return {
            path: {
                **item,
                "metadata": {key: item["metadata"][key] for key in ("uid", "generation")},
            }
            for path, item in objects
            if path != RECORD and "/secrets/" not in path and "/leases/" not in path
        }

    def members(self) -> list[str]:
        return [
            item["metadata"]["name"]
            for item in self.shop.server.objects.values()
            if applyset.part_of(item)
        ]

    def managers(self) -> set[str]:
        objects = self.shop.server.objects
        return {
            entry["manager"]
            for path in (SPACE, WEB, f"{SPACE}/configmaps/help")
            for entry in objects[path]["metadata"]["managedFields"]
        }

    def keeper(self) -> EngineName | None:
        """Return the one engine that says it keeps the stack; None while it is on its way."""
        record = self.shop.server.objects.get(RECORD)
        if record is None:
            return "pulumi"
        return None if applyset.read(record).moving_to else "kubectl"


@pytest.fixture(name="world")
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "pulumi").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    shop = releasing.shop(tmp_path / "shop", monkeypatch)
    (shop.root / "__main__.py").write_text(DECLARED)
    shop.up()
    return World(shop)


def refusal(command: Callable[[], object]) -> str:
    with pytest.raises(KubiaError) as caught:
        command()
    return str(caught.value)


def test_a_stack_goes_to_pulumi_and_back_and_nothing_that_runs_changes(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = world.live()
    capsys.readouterr()

    world.move("pulumi")

    assert capsys.readouterr().out.splitlines() == [
        "  = Namespace shop",
        "  = ConfigMap shop/help",
        "  = Deployment shop/web",
        "3 objects change hands, from kubectl to pulumi:",
        "  from ConfigMap shop/shop-dev to the stack's state in s3://states",
        "nothing is created, deleted or rolled out; only labels and the record change",
        "the pulumi engine keeps stack dev; its record is the stack's state in s3://states",
    ]
    assert (world.keeper(), world.members(), world.managers()) == ("pulumi", [], {"kubia"})
    assert world.state == set(KEYS)
    world.move("kubectl")
    assert (world.keeper(), len(world.members())) == ("kubectl", len(KEYS))
    assert (world.state, world.managers(), world.live()) == (set(), {"kubia"}, before)


def test_what_has_gone_over_is_refused_by_the_engine_before(world: World) -> None:
    world.move("pulumi")
    keeps = (
        "--engine kubectl: the pulumi engine keeps stack dev (it wrote Namespace shop): "
        "use --engine pulumi, or go over by `kubia engine move --to kubectl --stack dev`."
    )
    world.shop.edit("web:v1", "web:v2")

    assert refusal(world.shop.up) == keeps
    assert refusal(lambda: world.shop.engine.down(yes=True)) == keeps
    assert world.shop.server.writes == []


def test_releases_go_on_where_the_stack_came_back(world: World) -> None:
    world.move("pulumi")
    world.move("kubectl")

    causes = [item.cause for item in world.shop.history()]
    assert causes == ["first release", "moved from pulumi"]
    assert world.shop.up() == []
    world.shop.edit("web:v1", "web:v2")
    assert world.shop.up()[-2:-1] == [f"apply {WEB}"]


@pytest.mark.parametrize("to", OTHER)
def test_a_stack_that_is_kept_already_stays(
    world: World, to: EngineName, capsys: pytest.CaptureFixture[str]
) -> None:
    if to == "pulumi":
        world.move("pulumi")
    world.shop.server.writes.clear()
    capsys.readouterr()

    world.move(to)

    assert capsys.readouterr().out.startswith(f"the {to} engine keeps stack dev already; ")
    assert world.shop.server.writes == []


@pytest.mark.parametrize("again", [False, True], ids=["back", "on"])
@pytest.mark.parametrize("to", OTHER)
def test_a_move_that_is_killed_at_any_write_goes_on_or_back(
    world: World, to: EngineName, *, again: bool
) -> None:
    if to == "kubectl":
        world.move("pulumi")
    before, start = world.live(), OTHER[to]
    killed = 0
    while True:
        try:
            world.move(to, killed_at=killed)
        except KilledError:
            keeper = world.keeper()
            assert keeper == (start if killed == 0 else None)
            if keeper is None:
                assert "is on its way to" in refusal(
                    lambda: world.engine.up(UpOptions(), RolloutMonitor())
                )
            world.move(to if again else start)
            assert (world.keeper(), world.live()) == (to if again else start, before)
            assert world.members() == ([] if world.keeper() == "pulumi" else world.members())
            world.move(start)
            killed += 1
        else:
            break

    assert killed >= len(("mark", *KEYS, "decide"))
    assert (world.keeper(), world.managers(), world.live()) == (to, {"kubia"}, before)


def test_fields_that_pulumi_wrote_under_a_name_of_its_own_become_the_one_writers(
    world: World,
) -> None:
    world.move("pulumi")
    entries = world.shop.server.objects[SPACE]["metadata"]["managedFields"]
    entries[0] |= {"manager": "pulumi-kubernetes", "operation": "Update"}

    world.move("kubectl")

    (entry,) = managed_fields.entries(world.shop.server.objects[SPACE])
    assert entry.owner.is_applying("kubia")


def differing(world: World) -> None:
    world.shop.edit("web:v1", "web:v2")


def missing(world: World) -> None:
    del world.shop.server.objects[f"{SPACE}/configmaps/help"]


def undeclared(world: World) -> None:
    world.shop.edit("\n    help: {directory: help}", " {}")


def broken(world: World) -> None:
    world.shop.server.objects[WEB]["status"]["availableReplicas"] = 0


def unannotated(world: World) -> None:
    (world.shop.root / "__main__.py").write_text(PROGRAM)
    world.shop.up()


def stale(world: World) -> None:
    own = {"name": "old", "namespace": "shop"}
    world.shop.server.put("v1", "ConfigMap", f"{SPACE}/configmaps/old", own)
    world.state.add(ObjectRef("", "ConfigMap", "shop", "old"))


REFUSED: Mapping[str, tuple[Callable[[World], None], str]] = {
    "an image": (differing, "Deployment shop/web differs:"),
    "an object that is gone": (missing, "ConfigMap shop/help is declared and not there"),
    "an object too many": (undeclared, "ConfigMap shop/help is there and no longer declared"),
    "a rollout": (broken, "Deployment shop/web is not rolled out: 1/1 pods updated, 0 available"),
    "a second field manager": (
        unannotated,
        (
            "Namespace shop would have two field managers: "
            "declare the annotation pulumi.com/patchFieldManager: kubia"
        ),
    ),
    "a stale state": (stale, "ConfigMap shop/old is in Pulumi's state and no longer declared"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_as_declared_is_refused_before_anything_is_written(
    world: World, case: str
) -> None:
    spoil, problem = REFUSED[case]
    spoil(world)
    world.shop.server.writes.clear()

    said = refusal(lambda: world.move("pulumi")).splitlines()

    assert said[:2] == ["stack dev cannot change hands as it is:", f"  {problem}"]
    assert said[-1] == (
        "bring it up first (`kubia up`), or, where somebody changed the cluster, "
        "`kubia drift --repair --engine kubectl --stack dev`."
    )
    assert world.shop.server.writes == []


def test_another_backend_than_the_one_that_keeps_the_stack_is_refused(world: World) -> None:
    world.move("pulumi")
    world.state.clear()
    world.shop.server.writes.clear()

    said = refusal(lambda: world.move("kubectl"))

    assert "Namespace shop is not in Pulumi's state" in said
    assert world.shop.server.writes == []


def test_a_step_that_fails_says_where_the_stack_is_and_how_to_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Pulumi, _lease: Lease) -> None:
        message = "pulumi failed:\nno passphrase"
        raise KubiaError(message)

    monkeypatch.setattr(Pulumi, "adopt", failing)

    assert refusal(lambda: world.move("pulumi")) == (
        "pulumi failed:\nno passphrase\n"
        "stack dev is now on its way to the pulumi engine, and neither writes: "
        "`kubia engine move --to pulumi --stack dev` goes on, "
        "`kubia engine move --to kubectl --stack dev` goes back."
    )


def test_what_nobody_keeps_cannot_be_moved(world: World) -> None:
    world.shop.engine.down(yes=True)

    assert refusal(lambda: world.move("pulumi")) == (
        "no engine keeps stack dev: bring it up by `kubia up --engine pulumi`."
    )


def test_a_move_needs_pulumis_cli_and_somebody_to_ask(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi = Pulumi(replace(world.shop.session, engine="pulumi"), state=world.state)
    with pytest.raises(InvalidError) as unasked:
        move.move(world.shop.engine, pulumi, "pulumi", yes=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InvalidError) as without:
        world.move("pulumi")

    assert str(unasked.value) == "there is no terminal to ask on: give --yes to go ahead."
    assert str(without.value) == (
        "engine move: there is no `pulumi` on PATH, and both ways need it: install Pulumi's CLI."
    )


def test_force_takes_over_from_pulumi_where_its_state_is_lost(world: World) -> None:
    world.move("pulumi")

    world.shop.up(UpOptions(force_conflicts=True))

    assert (world.keeper(), len(world.members())) == ("kubectl", len(KEYS))
