"""What server-side apply makes of a live object, for the API server in memory.

Mappings are merged; a list is one field.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply.connection import ApiError
from kubia.apply.diff import SERVERS_OWN

Path = tuple[str, ...]

_NOBODYS = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}


def apply(
    live: Mapping[str, Any] | None, body: Mapping[str, Any], manager: str, *, force: bool
) -> dict[str, Any]:
    """Return the object after `manager` has applied `body`.

    Raises:
        ApiError: another manager has another value, or the object is immutable.

    """
    result: dict[str, Any] = copied(live or {"metadata": {"uid": "", "generation": 0}})
    values = dict(_leaves(body))
    before = {entry["manager"]: entry for entry in result["metadata"].get("managedFields", ())}
    owned = {name: set(_paths(entry["fieldsV1"])) for name, entry in before.items()}
    others = {name: paths for name, paths in owned.items() if name != manager}
    _refuse_conflicts(result, values, {} if force else others)
    shared = set().union(*others.values())
    for path in owned.get(manager, set()) - values.keys() - shared:
        _remove(result, path)
    for path, value in values.items():
        _put(result, path, value)
    _refuse_changes(live, result)
    operations = {name: entry["operation"] for name, entry in before.items()}
    others = {name: paths - values.keys() if force else paths for name, paths in others.items()}
    through = {
        name: {"subresource": e["subresource"]} for name, e in before.items() if "subresource" in e
    }
    result["metadata"]["managedFields"] = [
        {**managed(name, operations[name], paths), **through.get(name, {})}
        for name, paths in others.items()
        if paths
    ] + [managed(manager, "Apply", values.keys() - _NOBODYS)]
    return result


def scale(live: dict[str, Any], replicas: int, manager: str) -> None:
    """Let `manager` set the number of pods, through the subresource `scale`."""
    if live["spec"].get("replicas") == replicas:
        return
    path = ("spec", "replicas")
    entries = live["metadata"].get("managedFields", [])
    others = [entry for entry in entries if entry["manager"] != manager]
    for entry in others:
        entry["fieldsV1"].get("f:spec", {}).pop("f:replicas", None)
    own = {**managed(manager, "Update", {path}), "subresource": "scale"}
    live["metadata"]["managedFields"] = [*others, own]
    live["metadata"]["generation"] += 1
    live["spec"]["replicas"] = replicas


def update(live: Mapping[str, Any], body: Mapping[str, Any], manager: str) -> dict[str, Any]:
    """Return the object after `manager` has put `body` in its place: it owns what it changes.

    Raises:
        ApiError: the object is immutable.

    """
    result: dict[str, Any] = copied(
        {**body, **{key: live[key] for key in ("status",) if key in live}}
    )
    result["metadata"] = {
        **result["metadata"],
        **{key: item for key, item in live["metadata"].items() if key in SERVERS_OWN},
    }
    _refuse_changes(live, result)
    before, after = dict(_leaves(live)), dict(_leaves(result))
    changed = {
        path
        for path, value in after.items()
        if before.get(path, ...) != value and path[:2] != ("metadata", "managedFields")
    }
    kept = [
        {**entry, **managed(entry["manager"], entry["operation"], paths & after.keys() - changed)}
        for entry in live["metadata"].get("managedFields", ())
        for paths in [set(_paths(entry["fieldsV1"]))]
    ]
    own = [managed(manager, "Update", changed)] if changed else []
    result["metadata"]["managedFields"] = [item for item in kept if item["fieldsV1"]] + own
    return result


def merged(live: Any, change: Any) -> Any:
    """Return the value after a merge patch."""
    if not isinstance(change, Mapping):
        return copied(change)
    old = live if isinstance(live, Mapping) else {}
    both = {**old, **{key: merged(old.get(key), value) for key, value in change.items()}}
    return {key: value for key, value in both.items() if value is not None}


def managed(manager: str, operation: str, paths: set[Path]) -> dict[str, Any]:
    """Return an entry of managedFields."""
    fields: dict[str, Any] = {}
    for path in sorted(paths):
        inside = fields
        for step in path:
            inside = inside.setdefault(f"f:{step}", {})
    return {"manager": manager, "operation": operation, "fieldsV1": fields}


def stored(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object as the server keeps it: a Secret's texts are data."""
    kept: dict[str, Any] = copied(body)
    texts = kept.pop("stringData", None)
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        kept["data"] = {**kept.get("data", {}), **encoded}
    return kept


def copied(value: Any) -> Any:
    """Return a copy of plain data, as it comes out at the other end of a connection."""
    return json.loads(json.dumps(value))


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _paths(fields: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    for key, inner in fields.items():
        own = (*path, key.removeprefix("f:"))
        if inner:
            yield from _paths(inner, own)
        else:
            yield own


def _get(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _put(value: dict[str, Any], path: Path, leaf: Any) -> None:
    for step in path[:-1]:
        value = value.setdefault(step, {})
    value[path[-1]] = copied(leaf)


def _remove(value: dict[str, Any], path: Path) -> None:
    """Remove the field, and what it leaves empty."""
    inside = value.get(path[0])
    if len(path) > 1 and isinstance(inside, dict):
        _remove(inside, path[1:])
    if len(path) == 1 or inside == {}:
        value.pop(path[0], None)


def _refuse_conflicts(
    live: Mapping[str, Any], values: Mapping[Path, Any], others: Mapping[str, set[Path]]
) -> None:
    causes = [
        {"field": f".{'.'.join(path)}", "message": f'conflict with "{name}"'}
        for name, paths in others.items()
        for path in sorted(paths & values.keys())
        if _get(live, path) != values[path]
    ]
    if causes:
        raise ApiError(409, {"message": "conflicts", "details": {"causes": causes}})


def _refuse_changes(live: Mapping[str, Any] | None, result: Mapping[str, Any]) -> None:
    if not live:
        return
    fixed: list[Path] = [("spec", "selector", "matchLabels")]
    if live.get("immutable"):
        fixed += [("data",), ("binaryData",), ("immutable",)]
    for path in fixed:
        if _get(live, path) != _get(result, path):
            field = ".".join(path)
            causes = {"causes": [{"field": field}]}
            raise ApiError(422, {"message": f"{field}: field is immutable", "details": causes})
