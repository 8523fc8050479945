"""Who set which field, and when: read from an object's managedFields.

`fields` are written as there (fieldsV1): `f:` a field, `k:` an item by its keys, `v:` an item by
its value, `.` the thing itself.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""The way to a field: keys of mappings, and indices or names of a list's items."""
Fields = Mapping[str, Any]

_SCALE = "scale"


class Owner(NamedTuple):
    """A field manager's last write of some fields. `time` is RFC 3339, or "" if unknown."""

    manager: str
    operation: str
    time: str

    def __str__(self) -> str:
        """As messages name it: `kubectl-edit (Update, 2026-01-31T12:00:00Z)`."""
        return f"{self.manager} ({self.operation}, {self.time or 'no time is kept'})"

    def is_applying(self, manager: str) -> bool:
        """Whether this is what the manager has applied, and not written in another way."""
        return self.manager == manager and self.operation == "Apply"


class Entry(NamedTuple):
    """One entry of managedFields. `subresource` is "" or "scale"."""

    owner: Owner
    fields: Fields
    subresource: str


def entries(live: Mapping[str, Any]) -> list[Entry]:
    """Return the entries, newest first; none for subresources but scale."""
    of_spec = [
        Entry(
            Owner(
                entry.get("manager", "unknown"), entry.get("operation", ""), entry.get("time", "")
            ),
            entry.get("fieldsV1") or {},
            entry.get("subresource") or "",
        )
        for entry in live["metadata"].get("managedFields") or ()
        if entry.get("subresource") in {None, "", _SCALE}
    ]
    return sorted(of_spec, key=lambda entry: entry.owner.time, reverse=True)


def applied(live: Mapping[str, Any], manager: str) -> Fields | None:
    """Return the fields that the manager has applied, or None if it has applied nothing."""
    for entry in entries(live):
        if entry.owner.is_applying(manager) and not entry.subresource:
            return entry.fields
    return None


def inherited(live: Mapping[str, Any], heir: str, prefix: str) -> list[dict[str, Any]] | None:
    """Return managedFields in which `heir` has applied all that managers named `prefix…` wrote.

    None if there are none of these.
    """
    every = [dict(entry) for entry in live["metadata"].get("managedFields") or ()]
    left = [item for item in every if item["manager"].startswith(prefix) and _is_main(item)]
    if not left:
        return None
    own = [item for item in every if item["manager"] == heir and _is_main(item)]
    kept = [item for item in every if item not in left and item not in own]
    return [*kept, _applying([*left, *own], heir)]


def owner_of(live: Mapping[str, Any], path: Path, manager: str) -> Owner | None:
    """Return whoever last set the field, others before what `manager` has applied.

    None if nobody owns it (any more).
    """
    owners = [entry.owner for entry in entries(live) if owns(entry.fields, live, path)]
    others = [owner for owner in owners if not owner.is_applying(manager)]
    return next(iter([*others, *owners]), None)


def last_other(live: Mapping[str, Any], manager: str) -> Owner | None:
    """Return whoever wrote to the object last, but for what `manager` has applied."""
    owners = (entry.owner for entry in entries(live))
    return next((owner for owner in owners if not owner.is_applying(manager)), None)


def is_autoscaled(live: Mapping[str, Any]) -> bool:
    """Whether an autoscaler has set the number of replicas.

    It writes through the `scale` subresource; so does `kubectl scale`, which is drift.
    """
    return any(
        entry.subresource == _SCALE
        and not entry.owner.manager.startswith("kubectl")
        and "f:replicas" in entry.fields.get("f:spec", ())
        for entry in entries(live)
    )


def transferred(
    live: Mapping[str, Any], manager: str, is_left: Callable[[Path], bool]
) -> list[dict[str, Any]]:
    """Return the object's managedFields as they are once all of it is what `manager` applies.

    Others keep what is left to them, and what they wrote to subresources.
    """
    kept = []
    for entry in live["metadata"].get("managedFields") or ():
        is_own = entry.get("manager") == manager
        if entry.get("subresource") or (is_own and entry.get("operation") == "Apply"):
            kept.append(entry)
        elif fields := {} if is_own else _only(entry.get("fieldsV1") or {}, (), is_left):
            kept.append({**entry, "fieldsV1": fields})
    return kept


def seized(
    live: Mapping[str, Any], manager: str, is_left: Callable[[Path], bool]
) -> list[dict[str, Any]]:
    """Return the object's managedFields as if `manager` had applied all that others wrote.

    Its next apply then removes what it does not declare, such as the item that an edit of a list's
    key has made of its own. Others keep what is left to them, and what they wrote to subresources.
    """
    main = [entry for entry in live["metadata"].get("managedFields") or () if _is_main(entry)]
    kept = [
        entry
        for entry in transferred(live, manager, is_left)
        if not _is_main(entry) or entry["manager"] != manager
    ]
    return [*kept, _applying(main, manager)]


def _only(fields: Fields, path: Path, is_left: Callable[[Path], bool]) -> dict[str, Any]:
    """Return the fields that are left to others, with the ways to them."""
    kept: dict[str, Any] = {}
    for key, inner in fields.items():
        step = (*path, _plain(key))
        if is_left(step):
            kept[key] = inner
        elif below := _only(inner, step, is_left):
            kept[key] = below
    return kept


def _plain(key: str) -> str:
    """Return a field's name, or a value of a set of texts; other keys as they are."""
    kind, _, rest = key.partition(":")
    if kind == "f":
        return rest
    value = json.loads(rest) if kind == "v" else key
    return value if isinstance(value, str) else key


def owns(fields: Fields, value: Any, path: Path) -> bool:
    """Whether the fields hold the path in the live `value`, or end above it."""
    if not path or not fields:
        return True
    index = _index(value, path[0])
    for key, inner in fields.items():
        step = _step(key, value)
        if step is not None and step == index:
            return owns(inner, value[step], path[1:])
    return False


def has_leftover(fields: Fields, desired: Any) -> bool:
    """Whether one of the fields is no longer desired, as after an upgrade of who applied them."""
    for key, inner in fields.items():
        if not key.startswith(("f:", "k:")):
            continue
        step = _step(key, desired)
        if step is None or (inner and has_leftover(inner, desired[step])):
            return True
    return False


def _is_main(entry: Mapping[str, Any]) -> bool:
    return not entry.get("subresource")


def _applying(entries: Sequence[Mapping[str, Any]], manager: str) -> dict[str, Any]:
    """Return the first entry as if `manager` had applied what all of them hold."""
    fields: Fields = {}
    for entry in entries:
        fields = _union(fields, entry.get("fieldsV1") or {})
    return {**entries[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}


def _union(one: Fields, other: Fields) -> Fields:
    """Return the fields that either holds."""
    inner = {key: _union(one.get(key, {}), other.get(key, {})) for key in one.keys() | other.keys()}
    return {key: inner[key] for key in sorted(inner)}


def _index(value: Any, step: str | int) -> str | int | None:
    """Return where a step leads to: a named item's index, else the step itself."""
    if isinstance(value, list) and isinstance(step, str):
        names = [item.get("name") if isinstance(item, dict) else None for item in value]
        return names.index(step) if step in names else None
    return step


def _step(key: str, value: Any) -> str | int | None:
    """Return what a key of fieldsV1 stands for in a value, or None if that is not in it."""
    kind, _, rest = key.partition(":")
    if kind == "f" and isinstance(value, Mapping):
        return rest if rest in value else None
    if kind not in {"k", "v"} or not isinstance(value, list):
        return None
    identity = json.loads(rest)
    for index, item in enumerate(value):
        if kind == "v" and item == identity:
            return index
        if kind == "k" and isinstance(item, Mapping) and _is_item(item, identity):
            return index
    return None


def _is_item(item: Mapping[str, Any], identity: Mapping[str, Any]) -> bool:
    """Whether an item has these keys; one that it leaves out stands for the server's default."""
    return all(item.get(key, part) == part for key, part in identity.items())
