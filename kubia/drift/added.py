"""Fields that somebody added to our objects where nobody but us should: code, network, rights.

The API server leaves them alone when we apply, for we do not declare them. Others may own what is
not compared here: metadata, status, replicas, the pod template's labels and annotations.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.drift.model import Finding
from kubia.live import managed_fields
from kubia.live.managed_fields import Owner, Path
from kubia.live.rollout import WORKLOADS
from kubia.program.objects import ObjectRef
from kubia.program.values import show

TEMPLATE: Path = ("spec", "template", "spec")
AGGREGATION: Path = ("aggregationRule",)
"""Makes the cluster fill a ClusterRole with others' rules, even if its selectors are gone: it is
compared, and taken away, as a whole."""
GUARDED: dict[str, Path] = {
    **dict.fromkeys(WORKLOADS, TEMPLATE),
    "CronJob": ("spec", "jobTemplate", *TEMPLATE),
    "Service": ("spec",),
    "NetworkPolicy": ("spec",),
    "Ingress": ("spec",),
    "ClusterRole": AGGREGATION,
}
SIDECARS = frozenset({"containers", "initContainers", "volumes"})
"""Lists of a pod to which an injector may add items of its own: these are warnings."""


def find(
    key: ObjectRef, live: Mapping[str, Any], applied: Mapping[str, Any], *, strict: bool
) -> Iterator[Finding]:
    """Return what others own in the live object's guarded part and we, having `applied`, do not."""
    guarded = GUARDED.get(key.kind)
    if guarded is None:
        return
    ours = managed_fields.applied(applied, FIELD_MANAGER)
    seen: set[Path] = set()
    for entry in managed_fields.entries(live):
        if entry.owner.is_applying(FIELD_MANAGER):
            continue
        for leaf, inner in managed_fields.leaves(entry.fields, live):
            whole = guarded == AGGREGATION and leaf[:1] == guarded
            steps, value = (guarded, live["aggregationRule"]) if whole else (leaf, inner)
            if steps[: len(guarded)] != guarded or steps in seen:
                continue
            if ours is not None and managed_fields.owns(ours, live, steps):
                continue
            seen.add(steps)
            yield _finding(live, steps, value, guarded, entry.owner, strict=strict)


def _finding(
    live: Mapping[str, Any],
    steps: Path,
    value: Any,
    guarded: Path,
    owner: Owner,
    *,
    strict: bool,
) -> Finding:
    rest = steps[len(guarded) :]
    sidecar = bool(rest) and rest[0] in SIDECARS and len(rest) == len(("containers", 0))
    what = "unowned container" if sidecar and rest[0] != "volumes" else "added"
    return Finding(
        text="unowned volume" if sidecar and rest[0] == "volumes" else what,
        path=show(_named(live, steps)),
        live=_brief(value) if sidecar else value,
        owner=owner,
        steps=steps,
        is_warning=sidecar and not strict,
    )


def _brief(value: Any) -> Any:
    return {key: value[key] for key in ("name", "image") if key in value}


def _named(value: Any, steps: Path) -> Path:
    """Return the path with the names of items in place of their indices."""
    named: list[str | int] = []
    for step in steps:
        value = value[step]
        if isinstance(step, int) and isinstance(value, dict) and "name" in value:
            named[-1] = f"{named[-1]}[{value['name']}]"
        else:
            named.append(step)
    return tuple(named)
