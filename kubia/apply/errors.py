"""Why the cluster would not take an object, or give one up: in sentences that say how to go on."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kubia.apply import applyset, hashed_content
from kubia.apply.api import CONFLICT, FIELD_MANAGER
from kubia.apply.connection import ApiError
from kubia.errors import KubiaError
from kubia.live import managed_fields
from kubia.program.objects import ObjectRef, order


class RefusedError(KubiaError):
    """The cluster would not take some objects, so none was touched; every problem is named."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Name the problems."""
        super().__init__("\n  ".join(("nothing was changed:", *problems)))


def refuse_protected(keys: Iterable[ObjectRef]) -> None:
    """Refuse to delete objects that are protected.

    Raises:
        KubiaError: there is any.

    """
    protected = ", ".join(str(key) for key in sorted(keys, key=order))
    if protected:
        message = (
            f"protected, so it is not deleted: {protected}; declare it without protect "
            "and run `kubia up` first."
        )
        raise KubiaError(message)


def refuse_emptying(members: Collection[ObjectRef], declared: Collection[ObjectRef]) -> None:
    """Refuse to delete a namespace of the stack in which it goes on to declare objects.

    Raises:
        KubiaError: there is any.

    """
    inside = {key.namespace for key in declared}
    spaces = sorted(key.name for key in members if key.kind == "Namespace" and key not in declared)
    emptied = ", ".join(name for name in spaces if name in inside)
    if emptied:
        message = (
            f"the stack made namespace {emptied}, no longer declares it, and would delete it with "
            "all that it declares in it: declare it, or delete the stack by `kubia down` first."
        )
        raise KubiaError(message)


def stranger(key: ObjectRef, live: Mapping[str, Any], ids: set[str]) -> str:
    """Why the live object is not this stack's to change, or ""."""
    owner = applyset.part_of(live)
    if owner in ids and applyset.is_ours(live):
        return ""
    if owner and owner not in ids:
        return (
            f"{key} belongs to another stack or tool (label {applyset.PART_OF}={owner}): "
            "remove it there, or rename it here."
        )
    if not owner and managed_fields.applied(live, FIELD_MANAGER) is not None:
        return (
            f"{key} was applied by kubia and has lost its label {applyset.PART_OF}: if it is this "
            "stack's, put that back by `kubia drift --repair`; otherwise rename it here."
        )
    if key.kind == "Namespace":
        return (
            f"{key} exists and was not made by this stack, so it is not taken over: use another "
            "one, or declare none and only what goes into it (`createNamespace: false`)."
        )
    return (
        f"{key} exists and was not made by this stack: rename it here, or take it over by "
        "--force-conflicts."
    )


def refusal(key: ObjectRef, error: KubiaError, holder: ObjectRef | None = None) -> str:
    """Return the server's refusal of one object as a sentence that says how to go on.

    `holder` is the stack's own object, no longer declared, that has the port which this one wants.
    """
    causes = error.causes if isinstance(error, ApiError) else []
    if isinstance(error, ApiError) and error.code == CONFLICT and causes:
        conflicts = "; ".join(
            f"{cause.get('field', '').removeprefix('.')} is managed by {_manager(cause)}"
            for cause in causes
        )
        return f"{key}: {conflicts}: leave the field out, or take it over by --force-conflicts."
    if "immutable" in str(error):
        return f"{key}: {error}; {_of_immutable(key)}."
    if is_port_taken(error):
        if holder is not None:
            return (
                f"{key}: {error}: {holder}, which this stack no longer declares, has it; choose "
                f"another port, or run a `kubia up` first in which {holder.name} has another or is "
                "gone."
            )
        return (
            f"{key}: {error}; choose another port, or, if it is this stack's own in the namespace "
            "that it leaves, `kubia down` first."
        )
    return f"{key}: {error}"


def is_port_taken(error: KubiaError) -> bool:
    """Whether a Service is refused for a node port that another one has."""
    return "already allocated" in str(error)


def _of_immutable(key: ObjectRef) -> str:
    """Say what to do about a change of what cannot change: nothing that loses data or ends pods.

    A repair deletes and makes again only what is declared as a whole.
    """
    if key.kind in hashed_content.KINDS:
        return "rename it, delete it, or put it back by `kubia drift --repair`"
    if key.kind == "PersistentVolumeClaim":
        return "undo the edit, or declare a claim of another name, which is empty at first"
    return "undo the edit, or rename it"


def _manager(cause: Mapping[str, str]) -> str:
    message = cause.get("message", "")
    return message.removeprefix("conflict with ") or "another field manager"
