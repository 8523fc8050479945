"""Which ConfigMaps and Secrets a pod needs: read from its spec."""

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
