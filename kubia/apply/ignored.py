"""Fields that a program leaves to others once they are there (the resource option ignore_changes).

What we have applied goes on as it is live: a field that is given up is reset to its default. What
somebody else has set since is left out.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.live import managed_fields
from kubia.program.values import Path


def left_alone(
    manifest: Mapping[str, Any], live: Mapping[str, Any], paths: Iterable[Path]
) -> Mapping[str, Any]:
    """Return the manifest without a wish of its own at the paths."""
    result = copy.deepcopy(dict(manifest))
    ours = managed_fields.applied(live, FIELD_MANAGER)
    for path in paths:
        is_ours = ours is not None and managed_fields.owns(ours, live, path)
        _put(result, path, _get(live, path) if is_ours else None)
    return result


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
