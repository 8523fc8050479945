"""The kubectl engine's half of a move: what becomes a member of its set, or was one.

What runs stays as it is: labels change and who manages which field, but nothing that pods see.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from kubia.apply import applyset, execute, plan, takeover
from kubia.apply.api import FIELD_MANAGER, Api, parallel
from kubia.apply.diff import Field
from kubia.apply.keeper import PULUMI, EngineName
from kubia.apply.model import Change, DesiredState, Plan
from kubia.console import Progress
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef, by_rank


def begin(api: Api, planned: Plan, to: EngineName) -> None:
    """Write into the record that the stack goes to another engine: neither writes from here on."""
    execute.remember(api, planned.desired, replace(execute.widest(planned), moving_to=to))


def join(api: Api, desired: DesiredState, progress: Progress) -> Plan:
    """Make all declared objects members of the set; return what that changed.

    What another field manager of Pulumi's has written becomes our own's, or it would own it for
    ever and keep it from being changed.
    """
    parallel(lambda manifest: _take_over(api, plan.scoped(api, manifest).key), desired.manifests)
    planned = plan.make(api, desired, joining=True)
    changes = {change.key: change for change in planned.of("update")}
    for keys in by_rank(changes):
        parallel(lambda key: api.apply(changes[key].manifest), keys)
        progress.show({str(key): "taken over" for key in keys})
    return planned


def substance(change: Change) -> list[Field]:
    """Return the fields in which a change is more than that the object joins or leaves the set."""
    return [field for field in change.fields if not _is_membership(field)]


def keep(api: Api, desired: DesiredState) -> None:
    """Write into the record that the stack is here to stay: from here on it is ours."""
    keys = [plan.scoped(api, manifest).key for manifest in desired.manifests]
    execute.remember(api, desired, desired.parent.holding(keys))


def forget(api: Api, desired: DesiredState, progress: Progress) -> None:
    """Delete the record: from here on the stack is not ours."""
    execute.delete_parents(api, plan.find_parents(api, desired), progress)


def strays(api: Api, declared: Iterable[ObjectRef], known: Iterable[ObjectRef]) -> list[ObjectRef]:
    """Return those of the `known` objects that are live but not declared."""
    undeclared = [key for key in sorted(set(known) - set(declared)) if key[:2] in api.kinds]
    return [*plan.present(api, undeclared)]


def _is_membership(field: Field) -> bool:
    return _is_mark(field, "labels", applyset.PART_OF) or _is_mark(
        field, "annotations", applyset.PROTECT
    )


def _is_mark(field: Field, where: str, name: str) -> bool:
    """Whether nothing but the mark differs, which may be all that there is of its kind."""
    alone = field.old is None and isinstance(field.new, dict) and [*field.new] == [name]
    return field.steps == ("metadata", where, name) or (
        alone and field.steps == ("metadata", where)
    )


def _take_over(api: Api, key: ObjectRef) -> None:
    def inherit(live: Mapping[str, Any]) -> None:
        entries = managed_fields.inherited(live, FIELD_MANAGER, PULUMI)
        if entries is not None:
            takeover.rewrite(api, live, entries)

    live = api.get(key)
    if live is not None:
        takeover.fresh(api, live, inherit)
