"""Which engine keeps a stack, as its cluster tells.

The parent of the stack's set is the kubectl engine's record: where it is, that engine keeps the
stack, where it is not, Pulumi may. While `kubia engine move` is under way it names the engine that
the stack goes to, and neither writes. Pulumi's record is its state, which need not be at hand; but
what it writes is no member of a set, and what the kubectl engine writes always is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from kubia.apply import applyset
from kubia.apply.api import FIELD_MANAGER
from kubia.apply.applyset import Parent
from kubia.errors import KubiaError
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef, order

EngineName = Literal["pulumi", "kubectl"]
OTHER: Mapping[EngineName, EngineName] = {"pulumi": "kubectl", "kubectl": "pulumi"}
PULUMI = "pulumi-kubernetes"
"""How the field managers begin that Pulumi's provider takes where an object names none."""


def engine(parents: Sequence[Parent], lives: Iterable[Mapping[str, Any]]) -> EngineName | None:
    """Return which engine keeps a stack with these sets and objects; None if nobody does."""
    if parents:
        return "kubectl"
    return "pulumi" if any(map(is_pulumis, lives)) else None


def destination(parents: Sequence[Parent]) -> EngineName | None:
    """Return the engine that the stack is on its way to, if a move was not finished."""
    return next((name for name in OTHER if name in {item.moving_to for item in parents}), None)


def is_pulumis(live: Mapping[str, Any]) -> bool:
    """Whether Pulumi has written the object: a program's of ours, or another's."""
    writers = (entry.owner.manager for entry in managed_fields.entries(live))
    return is_our_pulumis(live) or (
        not applyset.part_of(live) and any(name.startswith(PULUMI) for name in writers)
    )


def is_our_pulumis(live: Mapping[str, Any]) -> bool:
    """Whether Pulumi has written the object, and for a program that names our field manager."""
    return not applyset.part_of(live) and bool(managed_fields.applied(live, FIELD_MANAGER))


def go_over(to: EngineName, stack: str) -> str:
    """Return the command that lets another engine keep the stack."""
    return f"`kubia engine move --to {to} --stack {stack}`"


def refuse_unfinished(parents: Sequence[Parent], stack: str) -> None:
    """Refuse to write while the stack is on its way from one engine to the other.

    Raises:
        KubiaError: it is.

    """
    to = destination(parents)
    if to is not None:
        marked = next(parent.key for parent in parents if parent.moving_to == to)
        message = (
            f"stack {stack} is on its way to the {to} engine (so says {marked}): "
            f"{go_over(to, stack)} goes on, {go_over(OTHER[to], stack)} goes back."
        )
        raise KubiaError(message)


def refuse_pulumis(stack: str, live: Mapping[ObjectRef, Mapping[str, Any]]) -> None:
    """Refuse to let the kubectl engine write what Pulumi keeps.

    Raises:
        KubiaError: Pulumi has written one of the objects.

    """
    keys = sorted((key for key, item in live.items() if is_our_pulumis(item)), key=order)
    if keys:
        message = (
            f"--engine kubectl: the pulumi engine keeps stack {stack} (it wrote {keys[0]}): "
            f"use --engine pulumi, or go over by {go_over('kubectl', stack)}."
        )
        raise KubiaError(message)
