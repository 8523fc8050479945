"""Which ConfigMaps and Secrets a pod needs: read from its spec, or written anew into it."""

from collections.abc import Iterator, Mapping
from typing import Any

_KINDS = {
    "configMap": "ConfigMap",
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "secret": "Secret",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
}
"""What each field refers to, of volumes and of the environment, wherever it stands."""


def needed(pod: Any) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what a pod's spec, or a part of it, refers to."""
    if isinstance(pod, list):
        for item in pod:
            yield from needed(item)
    elif isinstance(pod, Mapping):
        for key, value in pod.items():
            if key in _KINDS and isinstance(value, Mapping):
                yield _KINDS[key], str(value.get("secretName") or value.get("name"))
            else:
                yield from needed(value)


def renamed(pod: Any, kind: str, old: str, new: str) -> Any:
    """Return a pod's spec, or a part of it, that refers to the content by its new name."""
    if isinstance(pod, list):
        return [renamed(item, kind, old, new) for item in pod]
    if not isinstance(pod, Mapping):
        return pod
    changed = {key: renamed(value, kind, old, new) for key, value in pod.items()}
    for key, value in changed.items():
        if _KINDS.get(key) == kind and isinstance(value, dict):
            value.update({name: new for name in ("name", "secretName") if value.get(name) == old})
    return changed
