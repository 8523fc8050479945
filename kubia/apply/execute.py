"""The kubectl engine's three verbs. It keeps no state but labels in the cluster.

Order of an `up`, so that it may be interrupted anywhere and run again: everything is dry-run; the
set's parent learns every kind it may come to hold; objects are applied and rollouts awaited, wave
by wave; only then what is no longer declared is deleted, and the parent forgets the kinds that are
gone.
"""

from collections.abc import Iterable

from kubia.apply import (
    applyset,
    errors,
    namespaces,
    plan,
    wait,
    waves,
)
from kubia.apply.api import Api, parallel
from kubia.apply.applyset import Parent
from kubia.apply.model import Change, DesiredState, Plan
from kubia.console import Progress
from kubia.errors import InvalidError
from kubia.live import rollout
from kubia.program.objects import ObjectRef, by_rank

TOOLING = "kubia/v1"


def apply(api: Api, planned: Plan, board: Progress, *, force: bool = False) -> None:
    """Carry out the plan and wait until it has taken effect.

    Raises:
        RolloutError: new pods did not become ready in time; nothing was deleted then.

    """
    target = planned.target
    changes = {change.key: change for change in planned.of("create", "update")}
    for keys in _first(changes, target.parent.namespace):
        _apply(api, [changes.pop(key) for key in keys], board, force=force)
    _remember(api, planned, _widest(planned))
    _in_waves(api, planned, changes, board, force=force)
    _delete(api, _still_ours(api, planned), board)
    _forget_others(api, planned, board)
    _remember(api, planned, target.parent.holding(m.key for m in target.manifests))


def _in_waves(
    api: Api, planned: Plan, changes: dict[ObjectRef, Change], board: Progress, *, force: bool
) -> None:
    """Apply the changes; what depends on a rollout, only after that has succeeded."""
    number = waves.numbers(planned.target.manifests)
    declared = planned.of("create", "update", "unchanged")
    for wave in sorted(set(number.values())):
        for keys in by_rank(key for key in changes if number[key] == wave):
            _apply(api, [changes[key] for key in keys], board, force=force)
        awaited = [change.manifest for change in declared if number[change.key] == wave]
        failures = wait.for_rollouts(api, planned.target.parent.id, awaited, board)
        if failures:
            held = [key for key in changes if number[key] > wave]
            raise wait.RolloutError(failures, held)


def removal(api: Api, target: DesiredState) -> list[Change]:
    """Return what `remove` deletes: everything that belongs to the stack, whatever is declared now.

    Raises:
        KubiaError: some of it is protected.

    """
    members = plan.find_members(api, target, plan.find_parents(api, target))
    shielded = {m.key for m in target.manifests if m.resource.options.protect}
    errors.refuse_protected(
        key
        for key, found in members.ours.items()
        if key in shielded or applyset.is_protected(found)
    )
    return plan.deletions(members, set())


def remove(api: Api, target: DesiredState, deletions: list[Change], board: Progress) -> None:
    """Delete the stack's objects, then its namespaces, then what remembers them."""
    _delete(api, deletions, board)
    gone = {change.key.name for change in deletions if change.key.kind == "Namespace"}
    left = [p for p in plan.find_parents(api, target) if p.namespace not in gone]
    _delete_parents(api, left, board)


def _first(changes: dict[ObjectRef, Change], namespace: str) -> list[list[ObjectRef]]:
    """Return what goes before everything else: the namespace of the set's parent."""
    key = ObjectRef("", "Namespace", "", namespace)
    return [[key]] if key in changes else []


def _widest(planned: Plan) -> Parent:
    """Return the set with all it holds now and all it will hold."""
    target = planned.target
    widest = target.parent.holding(change.key for change in planned.changes)
    for parent in planned.parents:
        if parent.key == target.parent.key:
            widest = widest.joined(parent)
    return widest


def _remember(api: Api, planned: Plan, parent: Parent) -> None:
    """Write the set's parent if it differs from the live one."""
    wanted = parent.manifest(planned.target.project, planned.target.stack, TOOLING)
    live = api.get(parent.key)
    if live is not None and live["metadata"].get("labels", {}).get(applyset.ID) != parent.id:
        problem = (
            f"{parent.key} exists and is not the record of this stack: rename or delete it; "
            "kubia keeps there which kinds of objects belong to the stack."
        )
        raise InvalidError((problem,))
    annotations = wanted["metadata"]["annotations"]
    if live is None or not annotations.items() <= live["metadata"].get("annotations", {}).items():
        api.apply(wanted)


def _apply(api: Api, changes: list[Change], board: Progress, *, force: bool) -> None:
    def one(change: Change) -> None:
        api.apply(change.manifest, force=force)
        board.show({str(change.key): "created" if change.action == "create" else "changed"})

    parallel(one, changes)


def _still_ours(api: Api, planned: Plan) -> list[Change]:
    """Return what is to be deleted, asked anew: much may have happened during the rollouts."""
    if not planned.of("delete"):
        return []
    members = plan.find_members(api, planned.target, planned.parents)
    return plan.deletions(members, {manifest.key for manifest in planned.target.manifests})


def _delete(api: Api, changes: Iterable[Change], board: Progress) -> None:
    """Delete what is applied last first, then namespaces, each with all that is in it."""
    uids = {change.key: change.uid for change in changes}
    spaces = {key: uid for key, uid in uids.items() if key.kind == "Namespace"}
    emptied = {key.name for key in spaces}
    alone = [key for key in uids if key not in spaces and key.namespace not in emptied]
    for keys in reversed(by_rank(alone)):
        parallel(lambda key: api.delete(key, uids[key]), keys)
    wait.until_gone(api, {key: uids[key] for key in alone}, board)
    if spaces:
        inside = [key for key in uids if key.namespace in emptied]
        workloads = {key: uids[key] for key in inside if key.kind in rollout.WORKLOADS}
        namespaces.delete(api, workloads, spaces, board)


def _forget_others(api: Api, planned: Plan, board: Progress) -> None:
    """Delete the parents that remember namespaces which the stack had before."""
    gone = {change.key.name for change in planned.of("delete") if change.key.kind == "Namespace"}
    others = [p for p in planned.parents if p.key != planned.target.parent.key]
    _delete_parents(api, [p for p in others if p.namespace not in gone], board)


def _delete_parents(api: Api, parents: Iterable[Parent], board: Progress) -> None:
    for parent in parents:
        live = api.get(parent.key)
        if live is not None:
            uid = live["metadata"]["uid"]
            api.delete(parent.key, uid)
            wait.until_gone(api, {parent.key: uid}, board)
