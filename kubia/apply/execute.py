"""The kubectl engine's three verbs. It keeps no state but labels in the cluster.

Order of an `up`, so that it may be interrupted anywhere and run again: everything is dry-run; the
set's parent learns every kind it may come to hold; objects are applied and rollouts awaited, wave
by wave; only then what is no longer declared is deleted, and the parent forgets the kinds that are
gone. Autoscalers alone, which serve nobody, go before the waves.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

from kubia import console
from kubia.apply import (
    applyset,
    errors,
    guard,
    keeper,
    leftovers,
    namespaces,
    scaling,
    takeover,
    wait,
    waves,
)
from kubia.apply.api import Api, parallel
from kubia.apply.applyset import Parent
from kubia.apply.model import Change, DesiredState, Plan
from kubia.apply.plan import (
    deletions,
    find_members,
    find_parents,
    not_seen,
    present,
    scoped,
    unasked,
)
from kubia.apply.serving import Leaving
from kubia.apply.wait import TIMING, Timing
from kubia.console import Progress
from kubia.errors import InvalidError
from kubia.live import rollout
from kubia.program.objects import ObjectRef, by_rank

TOOLING = "kubia/v1"


def apply(
    api: Api, plan: Plan, progress: Progress, *, force: bool = False, timing: Timing = TIMING
) -> None:
    """Carry out the plan and wait until it has taken effect; `timing` says how.

    Raises:
        RolloutError: new pods did not become ready in time; but autoscalers, which it names,
            nothing was deleted then.

    """
    desired = plan.desired
    changes = {change.key: change for change in plan.of("create", "update")}
    for keys in _first(changes, desired.parent.namespace):
        _apply(api, [changes.pop(key) for key in keys], progress, force=force)
    remember(api, desired, widest(plan))
    # They would go on with the numbers of pods that are declared from now on.
    scalers = [change for change in plan.of("delete") if scaling.is_scaler(change)]
    _delete(api, desired, scalers, progress)
    try:
        _in_waves(api, plan, changes, progress, force=force, timing=timing)
        kept = _let_go(api, plan, progress, force=force, timing=timing)
    except wait.RolloutError as error:
        deleted = [change.key for change in scalers]
        raise wait.RolloutError(error.failures, error.held, deleted) from error
    _forget_others(api, plan, kept, progress)
    staying = [*(manifest.key for manifest in desired.manifests), *plan.staying, *kept]
    remember(api, desired, _lasting(api, plan, desired.parent.holding(staying)))


def _lasting(api: Api, plan: Plan, parent: Parent) -> Parent:
    """Return the set with the kinds, too, that the cluster does not know and so could not list."""
    for other in plan.parents:
        unknown = unasked(api, [other])
        if unknown and other.key == parent.key:
            parent = parent.joined(replace(other, group_kinds=unknown))
    return parent


def _in_waves(
    api: Api,
    plan: Plan,
    changes: dict[ObjectRef, Change],
    progress: Progress,
    *,
    force: bool,
    timing: Timing,
) -> None:
    """Apply the changes; what depends on a rollout, only after that has succeeded."""
    number = waves.numbers(plan.desired.manifests)
    turn = waves.turns(plan.desired.manifests)
    declared = plan.of("create", "update", "unchanged")
    selector = applyset.members(plan.desired.parent.id)
    for wave in sorted(set(number.values())):
        alike = by_rank(key for key in changes if number[key] == wave)
        for keys in (part for group in alike for part in waves.in_turn(group, turn)):
            guard.before_moving(api, plan, keys, progress, timing)
            _apply(api, [changes[key] for key in keys], progress, force=force)
        awaited = [change.manifest for change in declared if number[change.key] == wave]
        failures = wait.for_rollouts(api, selector, awaited, progress, timing)
        if failures:
            held = [key for key in changes if number[key] > wave]
            raise wait.RolloutError(failures, held)


class Removal(NamedTuple):
    """What `remove` deletes, and what is said of the rest."""

    changes: list[Change]
    notes: list[str]


def removal(api: Api, desired: DesiredState) -> Removal:
    """Return what `remove` deletes: everything that belongs to the stack, whatever is declared now.

    Raises:
        KubiaError: some of it is protected, or the kubectl engine does not keep the stack.

    """
    parents = find_parents(api, desired)
    keeper.refuse_unfinished(parents, desired.stack)
    if not parents:
        declared = [scoped(api, manifest).key for manifest in desired.manifests]
        keeper.refuse_pulumis(desired.stack, present(api, declared))
    members = find_members(api, desired, parents)
    shielded = {m.key for m in desired.manifests if m.resource.options.protect}
    errors.refuse_protected(
        key for key, live in members.ours.items() if key in shielded or applyset.is_protected(live)
    )
    # A kind that is gone for good has no objects, so it keeps nothing else from being deleted.
    fate = "what there is of them stays, and no later `down` finds it"
    return Removal(deletions(members, set()), [*not_seen(api, parents, fate)])


def remove(
    api: Api,
    desired: DesiredState,
    changes: list[Change],
    progress: Progress,
    *,
    delete_shared: bool = False,
) -> list[Change]:
    """Delete the stack's objects, then its namespaces, then what remembers them.

    Returns what was deleted: a namespace that others have come to use stays, unless
    `delete_shared`.
    """
    kept = _delete(api, desired, changes, progress, delete_shared=delete_shared)
    done = [change for change in changes if change.key not in kept]
    gone = {change.key.name for change in done if change.key.kind == "Namespace"}
    left = [p for p in find_parents(api, desired) if p.namespace not in gone]
    delete_parents(api, left, progress)
    return done


def _first(changes: dict[ObjectRef, Change], namespace: str) -> list[list[ObjectRef]]:
    """Return what goes before everything else: the namespace of the set's parent."""
    key = ObjectRef("", "Namespace", "", namespace)
    return [[key]] if key in changes else []


def widest(plan: Plan) -> Parent:
    """Return the set with all it holds now and all it will hold."""
    desired = plan.desired
    widest = desired.parent.holding([*(change.key for change in plan.changes), *plan.staying])
    for parent in plan.parents:
        if parent.key == desired.parent.key:
            widest = widest.joined(parent)
    return widest


def remember(api: Api, desired: DesiredState, parent: Parent) -> None:
    """Write the set's parent if it differs from the live one."""
    manifest = parent.manifest(desired.project, desired.stack, TOOLING)
    live = api.get(parent.key)
    if live is not None and live["metadata"].get("labels", {}).get(applyset.ID) != parent.id:
        problem = (
            f"{parent.key} exists and is not the record of this stack: rename or delete it; "
            "kubia keeps there which kinds of objects belong to the stack."
        )
        raise InvalidError([problem])
    if (
        live is None
        or any(
            not manifest["metadata"][part].items() <= live["metadata"].get(part, {}).items()
            for part in ("labels", "annotations")
        )
        or applyset.read(live).moving_to != parent.moving_to
    ):
        api.apply(manifest, force=True)  # it is our own, whoever has edited it


def _let_go(
    api: Api, plan: Plan, progress: Progress, *, force: bool, timing: Timing
) -> Collection[ObjectRef]:
    """Give up what is no longer declared: what serves, only when nobody needs it any more.

    Returns the namespaces that stay all the same.
    """
    gone = _still_ours(api, plan)
    late = [replace(change, first=None) for change in plan.changes if change.first is not None]
    keys = [change.key for change in gone if change.key.kind in rollout.WORKLOADS]
    leaving = [Leaving(live) for key in keys if (live := api.get(key))]
    leaving += [Leaving(change.manifest, scaling.number(change.manifest)) for change in late]
    guard.before_leaving(api, plan, leaving, progress, timing)
    guard.before_deleting(api, plan, [change.key for change in gone], progress, timing)
    _apply(api, late, progress, force=force)
    return _delete(api, plan.desired, gone, progress)


def _apply(api: Api, changes: list[Change], progress: Progress, *, force: bool) -> None:
    spent = {change.key: change.uid for change in changes if change.again}
    parallel(lambda key: api.delete(key, spent[key]), spent)
    wait.until_gone(api, spent, progress)

    def one(change: Change) -> None:
        if change.takeover is None:
            api.apply(change.first or change.manifest, force=force or change.force)
        elif change.first is None:
            takeover.take(api, change.manifest, change.takeover)
        else:
            takeover.take(api, change.first, {*change.takeover, scaling.REPLICAS})
        progress.show({str(change.key): "created" if change.action == "create" else "changed"})

    parallel(one, changes)


def _still_ours(api: Api, plan: Plan) -> list[Change]:
    """Return what is to be deleted, asked again: much may have happened during the rollouts."""
    if not plan.of("delete"):
        return []
    members = find_members(api, plan.desired, plan.parents)
    declared = {manifest.key for manifest in plan.desired.manifests}
    return deletions(members, declared.union(plan.staying))


def _delete(
    api: Api,
    desired: DesiredState,
    changes: Iterable[Change],
    progress: Progress,
    *,
    delete_shared: bool = False,
) -> Collection[ObjectRef]:
    """Delete what is applied last first, then namespaces, each with all that is in it.

    Returns the namespaces that stay: a question or a rollout may have taken long, so it is asked
    again whether others have objects in them, unless `delete_shared`.
    """
    every = [*changes]
    spaces = {change.key.name for change in every if change.key.kind == "Namespace"}
    _delete_alone(api, [it for it in every if not _is_within(it.key, spaces)], progress)
    shared = {} if delete_shared else leftovers.of(api, desired, every)
    for space, names in shared.items():
        console.err(console.coloured(f"  ! {leftovers.sentence(space, names, leftovers.KEPT)}"))
    staying = {key.name for key in shared}
    _delete_alone(api, [it for it in every if it.key.namespace in staying], progress)
    uids = {it.key: it.uid for it in every if _is_within(it.key, spaces - staying)}
    if uids:
        ends = {key: uid for key, uid in uids.items() if key.kind == "Namespace"}
        workloads = {key: uid for key, uid in uids.items() if key.kind in rollout.WORKLOADS}
        namespaces.delete(api, workloads, ends, progress)
    return shared.keys()


def _is_within(key: ObjectRef, spaces: Collection[str]) -> bool:
    """Whether it is one of the namespaces with these names, or in one."""
    return (key.name if key.kind == "Namespace" else key.namespace) in spaces


def _delete_alone(api: Api, changes: Iterable[Change], progress: Progress) -> None:
    """Delete objects, namespaces apart, and return when they are gone."""
    uids = {change.key: change.uid for change in changes if change.key.kind != "Namespace"}
    for keys in reversed(by_rank(uids)):
        parallel(lambda key: api.delete(key, uids[key]), keys)
    wait.until_gone(api, uids, progress)


def _forget_others(api: Api, plan: Plan, kept: Collection[ObjectRef], progress: Progress) -> None:
    """Delete the parents that remember namespaces which the stack had before."""
    deleted = {change.key for change in plan.of("delete")}.difference(kept)
    gone = {key.name for key in deleted if key.kind == "Namespace"}
    others = [p for p in plan.parents if p.key != plan.desired.parent.key]
    delete_parents(api, [p for p in others if p.namespace not in gone], progress)


def delete_parents(api: Api, parents: Iterable[Parent], progress: Progress) -> None:
    """Delete the objects that remember sets, and return when they are gone."""
    for parent in parents:
        live = api.get(parent.key)
        if live is not None:
            uid = live["metadata"]["uid"]
            api.delete(parent.key, uid)
            wait.until_gone(api, {parent.key: uid}, progress)
