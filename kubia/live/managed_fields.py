"""Who set a field, and when: read from an object's managedFields."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.program.values import Path

SELF = "."


@dataclass(frozen=True)
class Owner:
    """A field manager's last write of some fields. `time` is RFC 3339, or "" if unknown."""

    manager: str
    operation: str
    time: str

    def __str__(self) -> str:
        """As messages name it: `kubectl-edit (Update, 2026-01-31T12:00:00Z)`."""
        return f"{self.manager} ({self.operation}, {self.time or 'time unknown'})"


@dataclass(frozen=True)
class Entry:
    """One entry of managedFields."""

    owner: Owner
    fields: Mapping[str, Any]


def entries(found: Mapping[str, Any]) -> list[Entry]:
    """Return the entries, newest first; none for subresources but scale."""
    made = [
        Entry(
            Owner(
                str(entry.get("manager", "unknown")),
                str(entry.get("operation", "")),
                str(entry.get("time", "")),
            ),
            entry.get("fieldsV1") or {},
        )
        for entry in found["metadata"].get("managedFields", ())
        if entry.get("subresource") in {None, "", "scale"}
    ]
    return sorted(made, key=lambda entry: entry.owner.time, reverse=True)


def is_ours(owner: Owner) -> bool:
    """Whether it is the declared state's own manager."""
    return owner.manager == FIELD_MANAGER and owner.operation == "Apply"


def of_field(found: Mapping[str, Any], steps: Path) -> Owner | None:
    """Return whoever last set the field, others before us; None if nobody owns it (any more)."""
    owning = [entry.owner for entry in entries(found) if owns(entry.fields, found, steps)]
    others = [owner for owner in owning if not is_ours(owner)]
    return next(iter([*others, *owning]), None)


def last_other(found: Mapping[str, Any]) -> Owner | None:
    """Return whoever but us wrote to the object last."""
    return next((entry.owner for entry in entries(found) if not is_ours(entry.owner)), None)


def leaves(node: Mapping[str, Any], value: Any, steps: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every field that an entry's fields own in the live value, with its path.

    An item that is owned as a whole (it was added by this manager) is one field.
    """
    if not node or SELF in node:
        yield steps, value
        return
    for key, inner in node.items():
        step = _step(key, value)
        if step is not None:
            yield from leaves(inner, value[step], (*steps, step))


def owns(node: Mapping[str, Any], value: Any, steps: Path) -> bool:
    """Whether fields of fieldsV1 hold the path in the live value, or end above it."""
    if not steps or not node:
        return True
    index = _index(value, steps[0])
    for key, inner in node.items():
        step = _step(key, value)
        if step is not None and step == index:
            return owns(inner, value[step], steps[1:])
    return False


def _index(value: Any, step: str | int) -> str | int | None:
    """Return where a step leads to: a named item's index, else the step itself."""
    if isinstance(value, list) and isinstance(step, str):
        names = [item.get("name") if isinstance(item, dict) else None for item in value]
        return names.index(step) if step in names else None
    return step


def _step(key: str, value: Any) -> str | int | None:
    """Return what a key of fieldsV1 stands for in the live value: f: a field, k: and v: an item."""
    kind, _, rest = key.partition(":")
    if kind == "f" and isinstance(value, dict):
        return rest if rest in value else None
    if kind not in {"k", "v"} or not isinstance(value, list):
        return None
    wanted = json.loads(rest)
    for index, item in enumerate(value):
        if kind == "v" and item == wanted:
            return index
        if kind == "k" and isinstance(item, dict) and wanted.items() <= item.items():
            return index
    return None
