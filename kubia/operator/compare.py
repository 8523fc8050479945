"""Is an object as it should be? Only the fields that we set are looked at.

What the server adds (defaults), what others own (injected containers, restart marks, the number of
replicas under an autoscaler) makes no difference; what we once set and no longer want does.
"""

import json
from collections.abc import Mapping
from typing import Any

from kubia.manifests.site_source import MANAGED_BY
from kubia.manifests.values import Object, quantity

_EXACT = "selector"
"""The one map of ours that the server takes as a whole, and in which a further key would hurt."""
_QUANTITIES = frozenset({"requests", "limits", "sizeLimit"})
_MERGE_KEYS = {
    "ownerReferences": ("uid",),
    "containers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    # The protocol is left out here: every port of ours is TCP, the default.
    "ports": ("containerPort", "port"),
}
"""By which keys the server tells the items of a list apart; other lists are taken as a whole.

Source: `x-kubernetes-list-map-keys` in the API's OpenAPI document.
"""


def satisfied(want: Any, live: Any, field: str = "") -> bool:
    """Return whether ``live`` has all that ``want`` says; ``field`` is what holds them."""
    if isinstance(want, Mapping):
        return _satisfied_map(want, live, field)
    if isinstance(want, list) and field in _MERGE_KEYS:
        found = {_identity(item, field): item for item in live or ()}
        return all(satisfied(item, found.get(_identity(item, field)), field) for item in want)
    if field in _QUANTITIES and isinstance(live, str) and want != live:
        return _same_quantity(want, live)
    return bool(want == live or (not want and live is None))


def _satisfied_map(want: Mapping[str, Any], live: Any, field: str) -> bool:
    if live is None:
        return not want
    if not isinstance(live, Mapping) or (field == _EXACT and want.keys() != live.keys()):
        return False
    if field in _QUANTITIES:
        return all(satisfied(value, live.get(key), field) for key, value in want.items())
    return all(satisfied(value, live.get(key), key) for key, value in want.items())


def _identity(item: Mapping[str, Any], field: str) -> Any:
    return next((item[key] for key in _MERGE_KEYS[field] if key in item), None)


def _same_quantity(want: Any, live: str) -> bool:
    try:
        return quantity(str(want)) == quantity(live)
    except ValueError:
        return False


def applied(live: Object) -> Object | None:
    """Return the fields that the server holds as applied by us, or None if we applied nothing."""
    for entry in live["metadata"].get("managedFields") or ():
        if entry.get("manager") == MANAGED_BY and entry.get("operation") == "Apply":
            fields: Object = entry.get("fieldsV1") or {}
            return fields
    return None


def leftover(owned: Mapping[str, Any], want: Any) -> bool:
    """Return whether we own a field that we no longer want, as after an upgrade of the operator.

    ``owned`` is written as in managedFields: `f:` a field, `k:` an item by its key, `v:` a value.
    """
    for label, inner in owned.items():
        kind, _, name = label.partition(":")
        if kind == "f":
            if not isinstance(want, Mapping) or name not in want:
                return True
            below = want[name]
        elif kind == "k":
            keys = json.loads(name).items()
            items = (item for item in want if all(item.get(k, v) == v for k, v in keys))
            below = next(items, None)
            if below is None:
                return True
        else:
            continue
        if inner and leftover(inner, below):
            return True
    return False


def autoscaled(live: Object) -> bool:
    """Return whether an autoscaler set the number of replicas last.

    It writes through the `scale` subresource; so does `kubectl scale`, which is drift.
    """
    return any(
        entry.get("subresource") == "scale"
        and not entry.get("manager", "").startswith("kubectl")
        and "f:replicas" in (entry.get("fieldsV1") or {}).get("f:spec", ())
        for entry in live["metadata"].get("managedFields") or ()
    )
