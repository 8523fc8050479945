"""Fields that a program leaves to others once they are there (the resource option ignore_changes).

What we have applied goes on as it is live: a field that is given up is reset to its default. What
somebody else has set since is left out.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.live import managed_fields
from kubia.program.objects import Manifest
from kubia.program.values import Path, property_path


def left_alone(
    manifest: Mapping[str, Any], live: Mapping[str, Any], fields: Iterable[Path]
) -> Mapping[str, Any]:
    """Return the manifest without a wish of its own at the paths `fields`."""
    result = copy.deepcopy(dict(manifest))
    ours = managed_fields.applied(live, FIELD_MANAGER)
    for path in fields:
        is_ours = ours is not None and managed_fields.owns(ours, live, path)
        _put(result, path, _get(live, path) if is_ours else None)
    return result


def as_live(
    manifest: Mapping[str, Any], live: Mapping[str, Any], fields: Iterable[Path]
) -> Mapping[str, Any]:
    """Return the manifest with what is live at the paths `fields`."""
    result = copy.deepcopy(dict(manifest))
    for path in fields:
        _put(result, path, _get(live, path))
    return result


def left_out(manifest: Manifest) -> Manifest:
    """Return the manifest without what the program leaves to others: for who applies it blindly."""
    nobodys: Mapping[str, Any] = {"metadata": {}}
    return replace(manifest, object=left_alone(manifest.object, nobodys, paths(manifest)))


def paths(manifest: Manifest) -> list[Path]:
    """Return what the program leaves to others of an object."""
    return [property_path(text) for text in manifest.resource.options.ignore_changes]


def _get(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _put(value: Any, path: Path, leaf: Any) -> None:
    """Set the field, or take it out if it is None; nothing is made to hold it."""
    *inside, last = path
    holder = _get(value, tuple(inside))
    if not isinstance(holder, dict):
        return
    if leaf is None:
        holder.pop(last, None)
    else:
        holder[last] = leaf
