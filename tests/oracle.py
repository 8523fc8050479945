"""Whether a cluster holds what its pods need, and what was declared: read from its objects alone.

It shares nothing with the engines, whose faults it is to find.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Object = Mapping[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace and name."""

KINDS = ("Namespace", "ConfigMap", "Secret", "Service", "DaemonSet", "Deployment", "ReplicaSet")
"""The kinds that are asked for."""
RECORDS = ("applyset.kubernetes.io/id", "kubia.io/release")
"""Labels of what an engine writes down for itself."""


def lost(live: Iterable[Object]) -> list[str]:
    """Return what live pods, or those that a workload will make, name and is not there."""
    live = list(live)
    keys = set(map(_key, live))
    return [
        f"{_text(needed)} is missing, and pods of {_text(_key(owner))} need it"
        for owner in live
        if _has_pods(owner)
        for needed in _needed(owner)
        if needed not in keys
    ]


def differences(live: Iterable[Object], declared: Iterable[Object]) -> list[str]:
    """Return what is missing, is not as declared, or is left over and of no use to any pod."""
    live_by_key = {_key(item): item for item in live}
    expected = {_key(item): _as_stored(item) for item in declared}
    in_use = {key for item in live_by_key.values() if _has_pods(item) for key in _needed(item)}
    missing = [f"{_text(key)} is missing" for key in expected.keys() - live_by_key.keys()]
    other = [
        f"{_text(key)}: {path} is {live!r}, declared is {value!r}"
        for key in expected.keys() & live_by_key.keys()
        for path, value, live in _unlike(expected[key], live_by_key[key], "")
    ]
    left = [
        f"{_text(key)} is left over"
        for key in live_by_key.keys() - expected.keys() - in_use
        if not _is_exempt(live_by_key[key])
    ]
    return sorted([*missing, *other, *left])


def _key(item: Object) -> Key:
    metadata = item["metadata"]
    return item["kind"], metadata.get("namespace", ""), metadata["name"]


def _text(key: Key) -> str:
    kind, namespace, name = key
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def _has_pods(item: Object) -> bool:
    if item["kind"] == "DaemonSet":
        return True
    if item["kind"] not in {"Deployment", "ReplicaSet"}:
        return False
    return bool(item["spec"].get("replicas", 1) or (item.get("status") or {}).get("replicas"))


def _needed(owner: Object) -> Iterator[Key]:
    """Yield the ConfigMaps and Secrets that the pods of a workload cannot start without."""
    pod = owner["spec"]["template"]["spec"]
    namespace = owner["metadata"]["namespace"]
    for volume in pod.get("volumes") or ():
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            if "configMap" in source:
                yield "ConfigMap", namespace, source["configMap"]["name"]
        if "secret" in volume:
            yield "Secret", namespace, volume["secret"]["secretName"]
    for container in pod["containers"]:
        sources = [*(container.get("envFrom") or ())]
        sources += [item.get("valueFrom") or {} for item in container.get("env") or ()]
        for source in sources:
            for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                for reference in (source.get(f"{field}Ref"), source.get(f"{field}KeyRef")):
                    if reference:
                        yield kind, namespace, reference["name"]


def _as_stored(item: Object) -> Object:
    texts = item.get("stringData") or {}
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    rest = {key: value for key, value in item.items() if key != "stringData"}
    return {**rest, "data": {**(item.get("data") or {}), **data}} if texts else rest


def _unlike(declared: Any, live: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the fields that are declared and live not so; more may be live than is declared.

    All of a ConfigMap's and a Secret's data counts.
    """
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        exact = path in {".data", ".binaryData"}
        for key in declared.keys() | live.keys() if exact else declared:
            yield from _unlike(declared.get(key), live.get(key), f"{path}.{key}")
    elif _is_list(declared) and _is_list(live) and len(declared) == len(live):
        for index, (one, other) in enumerate(zip(declared, live, strict=True)):
            yield from _unlike(one, other, f"{path}[{index}]")
    elif declared != live and (declared or live):
        yield path, declared, live


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_exempt(item: Object) -> bool:
    """Whether the object is not the stack's: a controller's, an engine's own, each namespace's."""
    metadata = item["metadata"]
    labels = metadata.get("labels") or {}
    return bool(
        metadata.get("ownerReferences")
        or metadata["name"] in {"kube-root-ca.crt", "default"}
        or labels.keys() & set(RECORDS)
    )
