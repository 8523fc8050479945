"""Does an object satisfy the desired state? Only the fields that we set are compared.

What the server adds (defaults), what others own (injected containers, restart marks, the number of
replicas under an autoscaler) makes no difference.
"""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from kubia.manifests.values import quantity

_EXACT = "selector"
"""The one map of ours that the server takes as a whole, and in which a further key would hurt."""
_QUANTITIES = frozenset({"requests", "limits", "sizeLimit"})
_MERGE_KEYS = {
    "ownerReferences": ("uid",),
    "containers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port"),
}
"""By which keys the server tells the items of a list apart; other lists are taken as a whole.

Source: `x-kubernetes-list-map-keys` in the API's OpenAPI document.
"""


def satisfied(desired: Any, live: Any, field: str = "") -> bool:
    """Return whether `live` has all that `desired` says; `field` is what holds them."""
    if isinstance(desired, Mapping):
        return _satisfied_map(desired, live, field)
    if isinstance(desired, list) and field in _MERGE_KEYS:
        items = {_identity(item, field): item for item in live or ()}
        return all(satisfied(item, items.get(_identity(item, field)), field) for item in desired)
    if field in _QUANTITIES and isinstance(live, str) and desired != live:
        return _same_quantity(desired, live)
    return bool(desired == live or (not desired and live is None))


def _satisfied_map(desired: Mapping[str, Any], live: Any, field: str) -> bool:
    if live is None:
        return not desired
    if not isinstance(live, Mapping) or (field == _EXACT and desired.keys() != live.keys()):
        return False
    if field in _QUANTITIES:
        return all(satisfied(value, live.get(key), field) for key, value in desired.items())
    return all(satisfied(value, live.get(key), key) for key, value in desired.items())


def is_headless(live: Mapping[str, Any]) -> bool:
    """Return whether a Service has no address, so that its port leads nowhere."""
    return bool((live.get("spec") or {}).get("clusterIP") == "None")


def has_lost_items(desired: Any, live: Any, field: str = "") -> bool:
    """Return whether an item that `desired` has is no more, or another by its key: see `seized`."""
    if isinstance(desired, Mapping):
        inner = live if isinstance(live, Mapping) else {}
        return any(has_lost_items(value, inner.get(key), key) for key, value in desired.items())
    if isinstance(desired, list) and field in _MERGE_KEYS:
        items = {_identity(item, field): item for item in live or ()}
        ours = [(item, items.get(_identity(item, field))) for item in desired]
        return any(item is None or has_lost_items(own, item, field) for own, item in ours)
    return False


def _identity(item: Mapping[str, Any], field: str) -> Any:
    key = next((item[key] for key in _MERGE_KEYS[field] if key in item), None)
    return (key, item.get("protocol", "TCP")) if field == "ports" else key


def _rounded(text: str) -> Decimal:
    """Return a quantity as the server keeps it: in whole thousandths, rounded up."""
    return (quantity(text) * 1000).to_integral_value(ROUND_CEILING)


def _same_quantity(desired: Any, live: str) -> bool:
    try:
        return _rounded(str(desired)) == _rounded(live)
    except ValueError:
        return False
