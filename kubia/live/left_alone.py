"""What others may have of our objects: the one table of what is deliberately left alone.

Drift does not report it, neither a repair nor a takeover removes it. All else of an object that
the stack declares is the stack's. docs/drift.md shows the table; a test compares the two.
"""

import copy
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, NamedTuple

KUBERNETES = (".kubernetes.io", ".k8s.io")
BOOKKEEPING = frozenset(
    {
        "deployment.kubernetes.io/revision",
        "kubectl.kubernetes.io/last-applied-configuration",
        "kubernetes.io/change-cause",
        "kubernetes.io/description",
    }
)
"""Annotations in Kubernetes' own domain that nothing obeys."""
BINDING = ("pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/")
"""How the annotations of a claim begin that its cluster binds to a volume."""
RESTARTED = "kubectl.kubernetes.io/restartedAt"
FINALIZERS = frozenset({"foregroundDeletion", "orphan"})
"""What an object is held by while it is deleted in the foreground, or without what it owns."""
POD_SPECS = (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
EACH = "*"

Path = tuple[str, ...]
Condition = Literal["autoscaled", "lenient"]
Left = Condition | tuple[str | int, ...]
"""What is left to others of one object: by the table, or by its path, as a program says."""


def is_obeyed(name: str) -> bool:
    """Whether Kubernetes itself may act on a label or an annotation of this name."""
    domain, slash, _ = f".{name}".partition("/")
    if domain == ".app.kubernetes.io" or name in BOOKKEEPING:
        return False
    return bool(slash) and domain.endswith(KUBERNETES)


class Row(NamedTuple):
    """Where others may have what. `path` leads to keys of a map, or to items of a list."""

    what: str
    reason: str
    paths: tuple[Path, ...]
    is_theirs: Callable[[Any], bool]
    when: Condition | None = None
    """The condition under which this is so; None: always."""


ROWS = (
    Row(
        "labels and annotations of the object that are not in Kubernetes' own domains "
        "(`kubernetes.io`, `k8s.io`), and those there that only describe",
        "notes of other tools and of controllers; Kubernetes obeys none of them",
        (("metadata", "labels", EACH), ("metadata", "annotations", EACH)),
        lambda name: not is_obeyed(name),
    ),
    Row(
        f"the annotation `{RESTARTED}` of a pod template",
        "`kubectl rollout restart` writes it: the same pods, made anew",
        tuple((*path[:-1], "metadata", "annotations", EACH) for path in POD_SPECS),
        lambda name: name == RESTARTED,
    ),
    Row(
        "the volume of a claim, and its annotations of `pv.kubernetes.io`, `volume.kubernetes.io` "
        "and `volume.beta.kubernetes.io`",
        "the cluster binds a claim to a volume, once",
        (("metadata", "annotations", EACH), ("spec", "volumeName")),
        lambda name: name == "volumeName" or str(name).startswith(BINDING),
    ),
    Row(
        "finalizers in Kubernetes' own domains, `foregroundDeletion` and `orphan`",
        "the cluster's controllers hold objects by them while they clean up",
        (("metadata", "finalizers", EACH),),
        lambda name: name in FINALIZERS or is_obeyed(name),
    ),
    Row(
        "replicas of a workload that a HorizontalPodAutoscaler targets, whoever declared it, "
        "unless they are 0",
        "the autoscaler keeps the number; at 0 it does nothing",
        (("spec", "replicas"),),
        lambda _: True,
        "autoscaled",
    ),
    Row(
        "containers and volumes that somebody added to a pod template, without `--strict`",
        "injectors add them: each is shown as a warning",
        tuple(
            (*path, items, EACH)
            for path in POD_SPECS
            for items in ("containers", "initContainers", "volumes")
        ),
        lambda _: True,
        "lenient",
    ),
)


def joined(
    declared: Mapping[str, Any], live: Mapping[str, Any], left: Collection[Left] = ()
) -> dict[str, Any]:
    """Return the declared object with what others may have of the live one."""
    body: dict[str, Any] = copy.deepcopy(dict(declared))
    for row in ROWS:
        if row.when is None or row.when in left:
            for path in row.paths:
                _join(body, live, path, row.is_theirs)
    for item in left:
        if isinstance(item, tuple):
            _join(body, live, item, lambda _: True)
    return body


def is_left(path: tuple[str | int, ...], condition: Condition | None = None) -> bool:
    """Whether what stands at the path is others' under this condition (None: always)."""
    return any(
        len(path) == len(place)
        and all(step in {EACH, own} for step, own in zip(place, path, strict=True))
        and row.is_theirs(path[-1])
        for row in ROWS
        if row.when == condition
        for place in row.paths
    )


def _join(
    ours: dict[Any, Any],
    live: Mapping[Any, Any],
    path: tuple[str | int, ...],
    is_theirs: Callable[[Any], bool],
) -> None:
    first, *rest = path
    value = live.get(first)
    if value is None:
        return
    if not rest:
        ours[first] = value
    elif rest == [EACH]:
        both = _both(ours.get(first), value, is_theirs)
        if both:
            ours[first] = both
    elif isinstance(value, Mapping):
        inside = ours.get(first) or {}
        _join(inside, value, tuple(rest), is_theirs)
        if inside:
            ours[first] = inside


def _both(ours: Any, live: Any, is_theirs: Callable[[Any], bool]) -> Any:
    if isinstance(live, Mapping):
        theirs = {key: value for key, value in live.items() if is_theirs(key)}
        return {**theirs, **(ours or {})}
    own = [_name(item) for item in ours or ()]
    return [*(ours or ()), *(it for it in live if _name(it) not in own and is_theirs(_name(it)))]


def _name(item: Any) -> Any:
    return item.get("name") if isinstance(item, Mapping) else item
