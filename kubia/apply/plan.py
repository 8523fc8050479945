"""What an `up` would change, as the API server itself answers to a dry run. Writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from kubia import console
from kubia.apply import (
    applyset,
    errors,
    hashed_content,
    in_use,
    keeper,
    leftovers,
    namespaces,
    scaling,
    serving,
)
from kubia.apply.api import FIELD_MANAGER, FORBIDDEN, Api, if_allowed, parallel
from kubia.apply.applyset import Parent
from kubia.apply.connection import ApiError
from kubia.apply.dry_run import DryRun
from kubia.apply.model import Change, DesiredState, Members, Plan, Refusal
from kubia.errors import InvalidError, refuse
from kubia.live import managed_fields
from kubia.program.objects import Manifest, ObjectRef, order


def make(api: Api, desired: DesiredState, *, force: bool = False, joining: bool = False) -> Plan:
    """Compare what is declared with what is live, by a server-side dry run of every object.

    `joining`: a move lets the stack become the kubectl engine's own; what Pulumi wrote is its own.

    Raises:
        RefusedError: an object is invalid or belongs to somebody else.
        InvalidError: the namespace is another stack's, or an object would be the stack's record.
        KubiaError: a protected object is no longer declared, or Pulumi keeps the stack.

    """
    api.refuse_unknown((it.key.group, it.key.kind) for it in desired.manifests)
    manifests = tuple(scoped(api, manifest) for manifest in desired.manifests)
    _refuse_record(desired, manifests)
    parents = find_parents(api, desired)
    if not joining:
        keeper.refuse_unfinished(parents, desired.stack)
    members = find_members(api, desired, parents)
    known = {**members.ours, **members.foreign}
    missing = [manifest.key for manifest in manifests if manifest.key not in known]
    live = {**known, **present(api, missing)}
    if not (force or joining or parents):
        keeper.refuse_pulumis(desired.stack, live)
    absent = _absent_namespaces(api, manifests, live)
    if not force:
        _refuse_anothers_namespace(api, desired, live)
    ids = {desired.parent.id, *(parent.id for parent in parents)}
    scaled = scaling.of(api, manifests, members, live)
    dry_run = DryRun(api, desired, ids, absent, scaled, force=force, joining=joining)

    results = parallel(lambda manifest: dry_run.change(manifest, live.get(manifest.key)), manifests)
    problems = [result.problem for result in results if isinstance(result, Refusal)]
    problems += serving.problems(api, manifests, live)
    if problems:
        raise errors.RefusedError(problems)
    changes = [result for result in results if isinstance(result, Change)]
    changes = [*scaling.shrinking_last(changes, manifests, live)]
    declared = {manifest.key for manifest in manifests}
    errors.refuse_emptying(members.ours, declared)
    gone = {key: item for key, item in members.ours.items() if key not in declared}
    errors.refuse_protected(key for key, item in gone.items() if applyset.is_protected(item))
    needed = in_use.of(api, manifests, gone)
    retained = {key for key, item in gone.items() if applyset.is_retained(item)}
    removed = deletions(members, declared | needed)
    shared = leftovers.of(api, desired, removed)
    kept = [leftovers.sentence(space, names, leftovers.KEPT) for space, names in shared.items()]
    going = [change for change in removed if change.key not in shared]
    return Plan(
        desired=replace(desired, manifests=manifests),
        changes=(*hashed_content.pair(changes, gone), *going),
        kept=tuple(sorted(members.foreign.keys() - declared, key=order)),
        parents=parents,
        in_use=tuple(sorted(needed, key=order)),
        shared=tuple(shared),
        retained=tuple(sorted(retained, key=order)),
        notes=(*kept, *scaled.notes, *not_seen(api, parents, "they stay the stack's")),
    )


def deletions(members: Members, staying: set[ObjectRef]) -> list[Change]:
    """Return the members that are not to stay, in the order of deleting: none that holds data."""
    retained = {key for key, item in members.ours.items() if applyset.is_retained(item)}
    gone = sorted(members.ours.keys() - staying - retained, key=order, reverse=True)
    return [Change("delete", key, uid=members.ours[key]["metadata"]["uid"]) for key in gone]


def find_parents(api: Api, desired: DesiredState) -> tuple[Parent, ...]:
    """Return the stack's live sets: the present one, and those of namespaces that it had before.

    Raises:
        InvalidError: another stack's record has the name that this one's would have.

    """
    selector = applyset.selector(desired.project, desired.stack)
    kind = api.kind("", "ConfigMap")
    try:
        labelled = api.list(kind, selector=selector)
    except ApiError as error:
        if error.code != FORBIDDEN or not desired.parent.namespace:
            raise
        home = desired.parent.namespace
        console.err(f"rights in {home} alone: what the stack had in other namespaces is not seen")
        labelled = api.list(kind, home, selector)
    key = desired.parent.key
    if key.namespace and key not in map(ObjectRef.of, labelled):
        # It is known by its name: who edits its labels must not hide what it holds.
        unlabelled = api.get(key)
        if unlabelled:
            applyset.refuse_anothers(unlabelled, desired.project, desired.stack)
            labelled.append(unlabelled)
    parents = {parent.key: parent for parent in _unrecorded(api, desired)}
    parents |= {parent.key: parent for parent in map(applyset.read, filter(_is_parent, labelled))}
    return tuple(parents[key] for key in sorted(parents))


def find_members(api: Api, desired: DesiredState, parents: Sequence[Parent]) -> Members:
    """Return what carries the label of one of the sets, wherever they say their members are."""
    here = desired.parent.holding(manifest.key for manifest in desired.manifests)
    asked = sorted(
        {
            (kind, namespace, parent.id)
            for parent in (here, *parents)
            for kind in parent.group_kinds
            if kind in api.kinds
            for namespace in (sorted(parent.namespaces) if api.kinds[kind].namespaced else [""])
        }
    )

    def ask(question: tuple[applyset.GroupKind, str, str]) -> list[dict[str, Any]]:
        kind, namespace, identifier = question
        return api.list(api.kinds[kind], namespace, applyset.members(identifier))

    ours: dict[ObjectRef, Mapping[str, Any]] = {}
    foreign: dict[ObjectRef, Mapping[str, Any]] = {}
    for items in parallel(ask, asked):
        for item in items:
            (ours if applyset.is_ours(item) else foreign)[ObjectRef.of(item)] = item
    return Members(ours, foreign)


def unasked(api: Api, parents: Iterable[Parent]) -> frozenset[applyset.GroupKind]:
    """Return the kinds of which the sets hold members and that the cluster does not know."""
    return frozenset().union(*(parent.group_kinds for parent in parents)) - api.kinds.keys()


def not_seen(api: Api, parents: Iterable[Parent], fate: str) -> Iterator[str]:
    """Yield what there may be of the stack, but cannot be looked for, and what becomes of it."""
    for group, kind in sorted(unasked(api, parents)):
        name = f"{kind}.{group}" if group else kind
        yield (
            f"objects of kind {name}, of which the stack had some, are not seen: the cluster does "
            f"not know the kind at present; {fate}"
        )


def _unrecorded(api: Api, desired: DesiredState) -> Iterator[Parent]:
    """Yield the sets of the stack's namespaces: an `up` may end before it has written the record.

    None if we may not see namespaces. A set's ID does not tell stacks apart whose records are
    called the same: where there is a record, that tells whose the namespace is.
    """
    try:
        spaces = api.list(api.kind("", "Namespace"), selector=applyset.PART_OF)
    except ApiError:
        return
    for live in spaces:
        parent = applyset.parent(desired.project, desired.stack, live["metadata"]["name"])
        if applyset.part_of(live) == parent.id and applyset.is_ours(live):
            record = if_allowed(partial(api.get, parent.key), None)
            known = applyset.owner(record) if record else None
            if known in {None, (desired.project, desired.stack)}:
                yield parent.holding([ObjectRef.of(live)])


def _is_parent(live: Mapping[str, Any]) -> bool:
    """Whether the ConfigMap is a set's parent and not one that copies the labels."""
    label = live["metadata"].get("labels", {}).get(applyset.ID)
    return bool(managed_fields.applied(live, FIELD_MANAGER)) and label == applyset.read(live).id


def present(api: Api, keys: Sequence[ObjectRef]) -> dict[ObjectRef, Mapping[str, Any]]:
    """Return those of the objects that are live."""
    lives = zip(keys, parallel(api.get, keys), strict=True)
    return {key: live for key, live in lives if live is not None}


def _refuse_record(desired: DesiredState, manifests: Iterable[Manifest]) -> None:
    """Refuse what would lie where the stack's record does: either would overwrite the other."""
    refuse(
        f"{manifest.resource} declares {manifest.key}, in which the kubectl engine keeps what "
        f"belongs to stack {desired.stack}: rename it."
        for manifest in manifests
        if manifest.key == desired.parent.key
    )


def _refuse_anothers_namespace(
    api: Api, desired: DesiredState, live: Mapping[ObjectRef, Mapping[str, Any]]
) -> None:
    """Say it once, and not of each object, if another stack has made the stack's namespace."""
    home = desired.parent.namespace
    owner = applyset.part_of(live.get(ObjectRef("", "Namespace", "", home), {"metadata": {}}))
    if owner in {"", desired.parent.id}:
        return
    for item in api.list(api.kind("", "ConfigMap"), home, applyset.ID):
        other = item["metadata"]["labels"]
        if other[applyset.ID] == owner and applyset.STACK in other:
            is_alike = other[applyset.STACK] == desired.stack
            of = f" of project {other.get(applyset.PROJECT)!r}" if is_alike else ""
            problem = (
                f"namespace {home} is that of stack {other[applyset.STACK]!r}{of}: give stack "
                f"{desired.stack!r} one of its own, by {desired.project}:namespace in its file."
            )
            raise InvalidError([problem])


def scoped(api: Api, manifest: Manifest) -> Manifest:
    """Return the manifest without a namespace if its kind, a custom one, has none."""
    if api.kind(manifest.key.group, manifest.key.kind).namespaced or not manifest.key.namespace:
        return manifest
    metadata = {
        key: value for key, value in manifest.object["metadata"].items() if key != "namespace"
    }
    plain = {**manifest.object, "metadata": metadata}
    return Manifest(ObjectRef.of(plain), plain, manifest.resource)


def _absent_namespaces(
    api: Api, manifests: Sequence[Manifest], live: Mapping[ObjectRef, Any]
) -> frozenset[str]:
    """Return the namespaces that the program declares and that do not exist yet.

    Whoever has rights in one namespace alone may mostly not read it; then it is taken to be there.
    """
    names = {manifest.key.namespace for manifest in manifests} - {""}
    keys = {ObjectRef("", "Namespace", "", name) for name in names}
    declared = {manifest.key for manifest in manifests}
    unknown = sorted(keys - declared)
    lives = parallel(lambda key: if_allowed(lambda: api.get(key), {}), unknown)
    spaces = dict(zip(unknown, lives, strict=True))
    namespaces.refuse_ending({key: live.get(key) or spaces.get(key) for key in sorted(keys)})
    missing = [key.name for key, namespace in spaces.items() if namespace is None]
    if missing:
        raise errors.RefusedError(
            f"namespace {name!r} does not exist and the program does not declare it: "
            "declare it, or create it first."
            for name in missing
        )
    return frozenset(key.name for key in keys & declared if key not in live)
