"""Stacks of near names share namespaces: whatever one does, the others' objects stay as they are.

Histories are random: stacks come up here and there, move, are repaired and go, and somebody makes
namespaces and objects by hand. Some of the stacks come to the same name of their record.
"""

import functools
import os
import random
from collections.abc import Callable, Mapping
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from kubia.apply import applyset, execute, leftovers, plan
from kubia.apply.model import DesiredState
from kubia.console import Progress
from kubia.drift import detect
from kubia.drift.repair import repair
from kubia.errors import KubiaError
from kubia.program import objects, run
from kubia.program.objects import Manifest
from tests.unit import applied
from tests.unit.apiserver import Server
from tests.unit.applying import AT_ONCE, api

SEED = int(os.environ["SEED"])
COUNT = int(os.environ.get("COUNT") or 20)
STEPS = 14
BY_HAND = 0.12
"""How many of them are somebody's by hand."""
MAKING = 0.6
"""How many of the stacks make their namespace though there is one."""
NOBODY = ("", "")
STACKS = (("a-b", "c"), ("a", "b-c"), ("a", "c"), ("b", "c"), ("a-b-c", "c"))
SPACES = ("one", "two", "three")
Stack = tuple[str, str]
Act = Callable[[Server, DesiredState], None]


@functools.cache
def declared(space: str, maps: tuple[str, ...], *, makes: bool) -> tuple[Manifest, ...]:
    """Return ConfigMaps in a namespace, which the stack `makes` or not."""

    def main() -> None:
        if makes:
            k8s.core.v1.Namespace(space, metadata={"name": space})
        for name in maps:
            metadata: Any = {"name": name, "namespace": space}
            k8s.core.v1.ConfigMap(name, metadata=metadata, data={"a": "b"})

    return objects.of_program(run.run(main, "project", "stack"))


def up(server: Server, desired: DesiredState) -> None:
    """Bring the stack up."""
    execute.apply(api(server), plan.make(api(server), desired), Progress(None), timing=AT_ONCE)


def down(server: Server, desired: DesiredState) -> None:
    """Delete the stack."""
    changes = execute.removal(api(server), desired).changes
    shared = leftovers.of(api(server), desired, changes)
    going = [change for change in changes if change.key not in shared]
    execute.remove(api(server), desired, going, Progress(None))


def put_back(server: Server, desired: DesiredState) -> None:
    """Repair what has drifted of a stack that is up."""
    record = f"/api/v1/namespaces/{desired.parent.namespace}/configmaps/{desired.parent.name}"
    labels = server.objects.get(record, {"metadata": {}})["metadata"].get("labels", {})
    if (labels.get(applyset.PROJECT), labels.get(applyset.STACK)) == (
        desired.project,
        desired.stack,
    ):
        repair(api(server), detect.find(api(server), desired), Progress(None), timing=AT_ONCE)


ACTS: tuple[Act, ...] = (up, up, up, up, down, put_back)


def wanted(server: Server, stack: Stack, chance: random.Random) -> DesiredState:
    """Return what a stack declares; it makes its namespace where there is none."""
    space = chance.choice(SPACES)
    makes = chance.random() < MAKING or f"/api/v1/namespaces/{space}" not in server.objects
    maps = tuple(sorted(chance.sample("xyz", chance.randint(0, 2))))
    parent = applyset.parent(*stack, space)
    return DesiredState(*stack, parent, declared(space, maps, makes=makes))


def makes_by_hand(server: Server, chance: random.Random) -> None:
    """Make a namespace, or a ConfigMap in one, if there is none."""
    space = chance.choice(SPACES)
    path = f"/api/v1/namespaces/{space}"
    if path not in server.objects:
        server.put("v1", "Namespace", path, {"name": space})
        return
    name = chance.choice(("x", "a-b-c", "mine"))
    if f"{path}/configmaps/{name}" not in server.objects:
        metadata = {"name": name, "namespace": space}
        server.put("v1", "ConfigMap", f"{path}/configmaps/{name}", metadata)


def content(live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object without its version: a write that changes nothing is none."""
    metadata = {key: it for key, it in live["metadata"].items() if key != "resourceVersion"}
    return {**applied.copied(dict(live)), "metadata": applied.copied(metadata)}


def takes(act: Act | None, path: str, owner: Stack, stack: Stack) -> bool:
    """Whether that takes what is not the stack's; a repair may what is called as its own."""
    if owner == NOBODY and act is put_back:
        return "/configmaps/" not in path
    return owner != stack


@pytest.mark.parametrize("number", range(COUNT))
def test_no_stack_changes_what_is_not_its_own(number: int) -> None:
    chance = random.Random(SEED + number)
    server = Server()
    owners = dict.fromkeys(server.objects, NOBODY)
    done = list[str]()
    for _ in range(STEPS):
        before = {path: content(live) for path, live in server.objects.items()}
        stack, act = NOBODY, None
        if chance.random() < BY_HAND:
            makes_by_hand(server, chance)
        else:
            stack, act = chance.choice(STACKS), chance.choice(ACTS)
            desired = wanted(server, stack, chance)
            done.append(f"{act.__name__} {stack}: {[str(it.key) for it in desired.manifests]}")
            try:
                act(server, desired)
            except KubiaError as error:
                done.append(str(error))
        after = {path: content(live) for path, live in server.objects.items()}
        changed = [path for path, live in before.items() if after.get(path) != live]
        taken = [path for path in changed if takes(act, path, owners[path], stack)]
        assert taken == [], "\n".join(done)
        owners = {path: owners.get(path, stack) for path in after}
