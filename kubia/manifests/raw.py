"""Fields of Kubernetes' own that a service adds to the objects made for it, as they are.

They are merged as `kubectl patch` merges: mappings by key, lists of what has a name or the like by
that, other lists as a whole; `null` removes a field, `$patch: delete` an item of a list.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from kubia.errors import Problem
from kubia.manifests import fields
from kubia.manifests.meta import KEPT_LABELS
from kubia.manifests.values import PLAIN, Object

Path = tuple[str | int, ...]

MERGE_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "env": ("name",),
    "evictionResponders": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ports": ("containerPort", "port"),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "topologySpreadConstraints": ("topologyKey",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
"""Fields whose items have a key, by which they are merged: x-kubernetes-patch-merge-key of
Kubernetes' schema. The first that an item has, for a container's ports and a Service's differ."""
_BESIDE = {"protocol": "TCP", "whenUnsatisfiable": ""}
"""What tells items of one key apart nevertheless, with its default: of ports and of constraints."""
_SPEC = ("metadata", "spec")
KINDS: Mapping[str, Sequence[str]] = {
    "configMap": ("metadata",),
    "cronJob": _SPEC,
    "daemonSet": _SPEC,
    "deployment": _SPEC,
    "horizontalPodAutoscaler": _SPEC,
    "httpRoute": _SPEC,
    "ingress": _SPEC,
    "job": _SPEC,
    "networkPolicy": _SPEC,
    "persistentVolumeClaim": _SPEC,
    "podDisruptionBudget": _SPEC,
    "secret": ("metadata",),
    "service": _SPEC,
    "serviceAccount": (
        "metadata",
        "automountServiceAccountToken",
        "imagePullSecrets",
        "secrets",
    ),
    "serviceMonitor": _SPEC,
}
"""The objects that can be added to, and which of their fields. Those of files and secrets are named
by their content, so it is not added to; what their metadata says can change."""
_TASK = ("configMap", "secret", "serviceAccount", "persistentVolumeClaim")
JOB = ("job", *_TASK)
CRON_JOB = ("cronJob", *_TASK)
AGENT = ("daemonSet",)
SERVICE = ("deployment", *sorted(KINDS.keys() - {"cronJob", "daemonSet", "deployment", "job"}))
"""The objects of each kind of application, first what has its pods."""
_HEAD = re.compile("^[A-Z]+(?=[A-Z][a-z])|^[A-Z]")
"""What is small in the key of a kind: of HTTPRoute, whose key is httpRoute, the first word."""
_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "cronJob": ("spec", "jobTemplate", "spec", "template"),
    "daemonSet": ("spec", "template"),
    "deployment": ("spec", "template"),
    "job": ("spec", "template"),
}
"""Where an object holds the template of its pods."""
_DIRECTIVE = "$patch"
_DELETE = "delete"
_LEFT = "is kubia's to set, for others rely on it; leave it out"
_NULL = "is null, and with it would go what is kubia's to set; leave it out"
_LATER = "which would replace what is kubia's to set; write it out, with such values in it"
_EVERYWHERE: Mapping[tuple[str, ...], str] = {
    ("metadata", "name"): _LEFT,
    ("metadata", "namespace"): _LEFT,
    ("metadata", "generateName"): _LEFT,
    ("metadata", "ownerReferences"): _LEFT,
    ("spec", "selector"): _LEFT,
    ("spec", "podSelector"): _LEFT,
    ("spec", "scaleTargetRef"): _LEFT,
}
_OF_JOBS: Mapping[tuple[str, ...], str] = {
    **{
        (field,): f"is for {field} to say; leave it out"
        for field in ("activeDeadlineSeconds", "backoffLimit", "completions", "parallelism")
    },
    ("manualSelector",): _LEFT,
    ("suspend",): "would keep it from ever running; leave it out",
    ("template", "spec", "restartPolicy"): "is for restartPolicy to say; leave it out",
    ("template", "spec", "terminationGracePeriodSeconds"): (
        "is for terminationGracePeriodSeconds to say; leave it out"
    ),
}
_BY_KIND: Mapping[str, Mapping[tuple[str, ...], str]] = {
    "cronJob": {
        **{("spec", "jobTemplate", "spec", *path): text for path, text in _OF_JOBS.items()},
        **{
            ("spec", field): f"is for {field} to say; leave it out"
            for field in (
                "concurrencyPolicy",
                "failedJobsHistoryLimit",
                "schedule",
                "startingDeadlineSeconds",
                "successfulJobsHistoryLimit",
                "suspend",
                "timeZone",
            )
        },
    },
    "daemonSet": {
        ("spec", "template", "spec", "restartPolicy"): _LEFT,
        ("spec", "updateStrategy"): "is for maxUnavailable to say; leave it out",
    },
    "deployment": {
        ("spec", "replicas"): "is for replicas or autoscaler to say; leave it out",
        ("spec", "paused"): "is for strategy.paused to say; leave it out",
        ("spec", "strategy"): "is for strategy to say; leave it out",
        ("spec", "minReadySeconds"): "is for strategy.minReadySeconds to say; leave it out",
        ("spec", "progressDeadlineSeconds"): (
            "is for strategy.progressDeadlineSeconds to say; leave it out"
        ),
        ("spec", "template", "spec", "restartPolicy"): _LEFT,
        ("spec", "template", "spec", "terminationGracePeriodSeconds"): (
            "is for preStopSeconds and longestRequestSeconds to say; leave it out"
        ),
    },
    "horizontalPodAutoscaler": {
        ("spec", "minReplicas"): "is for autoscaler.minReplicas to say; leave it out",
        ("spec", "maxReplicas"): "is for autoscaler.maxReplicas to say; leave it out",
    },
    "job": {
        **{("spec", *path): text for path, text in _OF_JOBS.items()},
        # A cron job's runs are not declared, so those may vanish.
        ("spec", "ttlSecondsAfterFinished"): "would take away what is declared; leave it out",
    },
    "service": {("spec", "type"): "is for serviceType to say; leave it out"},
}
_FREE: Mapping[str, Collection[tuple[str, ...]]] = {
    # Of a claim it selects the volume, on which nobody here relies.
    "persistentVolumeClaim": [("spec", "selector")],
}
"""What is kubia's everywhere else."""
_OWN_ANNOTATIONS = ("pulumi.com/", "kubia.io/", "kubernetes.io/change-cause")


def problems(raw: Mapping[str, Any], main: str, kinds: Collection[str]) -> Iterator[Problem]:
    """Yield what may not be added, where there are objects of these kinds.

    `main` is the name of the container whose image has a field of its own.
    """
    for kind, patch in raw.items():
        if kind not in kinds:
            text = f"is no object that can be added to; known are {', '.join(kinds)}"
            yield Problem(("raw", kind), text)
        elif not isinstance(patch, Mapping):
            text = f"is {patch!r}; must be a mapping of keys to values"
            yield Problem(("raw", kind), text)
        else:
            for key in patch:
                if key not in KINDS[kind]:
                    text = f"is not a field that can be added; known are {', '.join(KINDS[kind])}"
                    yield Problem(("raw", kind, key), text)
            own = _own(kind)
            for path, text in own.items():
                if path[-1] in inside(patch, *path[:-1]):
                    yield Problem(("raw", kind, *path), text)
            known = {key: value for key, value in patch.items() if key in KINDS[kind]}
            yield from fields.unknown(type_of(kind), known, ("raw", kind))
            yield from _kept_problems(kind, known, own)
            yield from _metadata_problems(kind, patch)
            yield from _item_problems(("raw", kind), patch)
            yield from _main_problems(kind, patch, main)


def applied(manifest: Object, raw: Mapping[str, Any]) -> Object:
    """Return an object with what is added to its kind."""
    return merged(manifest, raw.get(_HEAD.sub(lambda head: head[0].lower(), manifest["kind"]), {}))


def type_of(kind: str) -> str:
    """Return the type of an object by its key here: Deployment of deployment."""
    return f"{kind[0].upper()}{kind[1:]}"


def inside(value: Any, *path: str) -> Object:
    """Return the mapping at a path of anything; an empty one if there is none."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def items(value: Mapping[str, Any], field: str) -> list[Object]:
    """Return the mappings in a field that should be a list of them."""
    given = value.get(field)
    return (
        [dict(item) for item in given or () if isinstance(item, Mapping)]
        if isinstance(given, list | tuple)
        else []
    )


def pod_spec(raw: Mapping[str, Any]) -> Object:
    """Return what is added to the pods of an application, which one of its objects has."""
    return inside(_template(raw), "spec")


def pod_annotations(raw: Mapping[str, Any]) -> Object:
    """Return the annotations that are added to the pods of an application."""
    return inside(_template(raw), "metadata", "annotations")


def _template(raw: Mapping[str, Any]) -> Object:
    kind = next((kind for kind in raw if kind in _TEMPLATES), "")
    return inside(raw, kind, *_TEMPLATES[kind]) if kind else {}


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> Object:
    """Return a mapping with another one merged into it."""
    result = dict(base)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(base.get(key), value, key)
    return result


def _merged(base: Any, patch: Any, field: str) -> Any:
    if isinstance(patch, Mapping):
        return merged(base if isinstance(base, Mapping) else {}, patch)
    if isinstance(patch, list | tuple) and field in MERGE_KEYS:
        return _merged_items(base or (), patch, field)
    return patch


def _merged_items(base: Sequence[Any], patch: Sequence[Any], field: str) -> list[Any]:
    """Return a list's items, those of one key merged, and new ones after them."""
    items, new = [*base], list[Any]()
    for change in patch:
        keys = [_item_key(item, field) for item in items]
        key = _item_key(change, field)
        # Of one number for two protocols, which Kubernetes' key does not tell apart, the first; and
        # what is added is never merged into what else is added, which would be lost.
        at = keys.index(key) if key in keys else None
        is_deleted = change.get(_DIRECTIVE) == _DELETE
        result = [] if is_deleted else [merged(items[at] if at is not None else {}, change)]
        if at is None:
            new += result
        else:
            items[at : at + 1] = result
    return [*items, *new]


def _item_key(item: Any, field: str) -> object:
    return next((item[key] for key in MERGE_KEYS[field] if key in item), None)


def _own(kind: str) -> dict[tuple[str, ...], str]:
    """Return the paths in an object that are not to be added to, and why."""
    own = {**_EVERYWHERE, **_BY_KIND.get(kind, {})}
    return {path: text for path, text in own.items() if path not in _FREE.get(kind, ())}


def _metadata(kind: str) -> Iterator[tuple[str, ...]]:
    """Yield where an object has metadata: its own and its pods'."""
    yield ("metadata",)
    if kind in _TEMPLATES:
        yield (*_TEMPLATES[kind], "metadata")


def _kept_problems(
    kind: str, patch: Mapping[str, Any], own: Collection[tuple[str, ...]]
) -> Iterator[Problem]:
    """Yield what would replace a part in which something is kubia's own, and is not merged into it.

    Those parts are above the paths `own`; labels, annotations and containers are others.
    """
    parts = {path[:end] for path in own for end in range(1, len(path))}
    for path in _metadata(kind):
        parts |= {path, (*path, "labels"), (*path, "annotations")}
    if kind in _TEMPLATES:
        parts.add((*_TEMPLATES[kind], "spec", "containers"))
    for part in sorted(parts):
        value = inside(patch, *part[:-1]).get(part[-1], {})
        if value is None:
            yield Problem(("raw", kind, *part), _NULL)
        elif not isinstance(value, (str, *PLAIN)):
            text = f"is of type {type(value).__name__}, {_LATER}"
            yield Problem(("raw", kind, *part), text)


def _metadata_problems(kind: str, patch: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the labels and annotations, of the object or its pods, that are kubia's own."""
    for path in _metadata(kind):
        for key in inside(patch, *path, "labels"):
            if key in KEPT_LABELS:
                yield Problem(("raw", kind, *path, "labels", key), _LEFT)
        for key in inside(patch, *path, "annotations"):
            if str(key).startswith(_OWN_ANNOTATIONS):
                yield Problem(("raw", kind, *path, "annotations", key), _LEFT)


def _item_problems(
    place: Path, value: Any, *, is_item: bool = False, is_merged: bool = True
) -> Iterator[Problem]:
    """Yield the items of lists that have not the key by which they are merged, and odd `$patch`.

    `is_item`: of such a list; `is_merged`: in no list that replaces the whole one.
    """
    if isinstance(value, Mapping):
        yield from _directive_problems(place, value, is_item=is_item)
        for name, inner in value.items():
            yield from _item_problems((*place, name), inner, is_merged=is_merged)
    elif isinstance(value, list | tuple):
        keys = MERGE_KEYS.get(str(place[-1]), ()) if is_merged else ()
        known: list[Sequence[Any]] = []
        for index, item in enumerate(value):
            at = (*place, index)
            given = inside(item)
            values = [given.get(key) for key in keys]
            identity = [*values, *(given.get(key, default) for key, default in _BESIDE.items())]
            if keys and all(each is None for each in values):
                text = f"has no {' or '.join(keys)}, by which it is merged; give it one"
                yield Problem(at, text)
            elif keys and identity in known:
                text = f"has the {' or '.join(keys)} of item {known.index(identity)}; keep one"
                yield Problem(at, text)
            known.append(identity)
            yield from _item_problems(at, item, is_item=bool(keys), is_merged=bool(keys))


def _directive_problems(
    place: Path, value: Mapping[str, Any], *, is_item: bool
) -> Iterator[Problem]:
    """Yield a `$patch` that has no meaning, and would stay as a field of that name."""
    if _DIRECTIVE in value and not is_item:
        text = "is in no item of a list that is merged by a key; leave it out, null removes a field"
        yield Problem((*place, _DIRECTIVE), text)
    elif value.get(_DIRECTIVE, _DELETE) != _DELETE:
        text = f"is {value[_DIRECTIVE]!r}; must be {_DELETE}"
        yield Problem((*place, _DIRECTIVE), text)


def _main_problems(kind: str, patch: Mapping[str, Any], main: str) -> Iterator[Problem]:
    """Yield what would take the main container's image away."""
    path = (*_TEMPLATES.get(kind, ()), "spec")
    for item in items(inside(patch, *path), "containers"):
        for key in ("image", _DIRECTIVE):
            if item.get("name") == main and key in item:
                text = f"has {key}, but releases set its image; leave it out, and give image"
                yield Problem(("raw", kind, *path, "containers", main), text)
