"""Which workloads an autoscaler scales, whoever declared it: their replicas are its own."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kubia.apply.api import FIELD_MANAGER, FORBIDDEN, Api, parallel
from kubia.apply.connection import ApiError
from kubia.live import managed_fields
from kubia.program.objects import Manifest, ObjectRef

GROUP = "autoscaling"
KIND = "HorizontalPodAutoscaler"
SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet"})

Autoscaled = Mapping[ObjectRef, ObjectRef]
"""The autoscaler of each workload that has one."""


def find(api: Api, manifests: Iterable[Manifest]) -> Autoscaled:
    """Return the autoscalers, live or declared, of the declared workloads.

    Where the cluster does not let us see them, the declared ones are all that is known.
    """
    known = tuple(manifests)
    spaces = sorted({manifest.key.namespace for manifest in known if manifest.key.kind in SCALED})
    declared = [manifest.object for manifest in known if manifest.key.kind == KIND]
    live = [item for items in parallel(lambda space: _live(api, space), spaces) for item in items]
    keys = {manifest.key for manifest in known}
    # What is declared is named before a stranger's that targets the same.
    pairs = map(_pair, (*live, *declared))
    return {workload: scaler for workload, scaler in pairs if workload in keys}


def applied(manifest: Mapping[str, Any], live: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return an autoscaled workload's manifest as it is to be applied.

    The live number goes with it while the field is ours (to leave it out would reset it), and
    nothing once it is another's.
    """
    if live is None:
        return manifest
    spec = {key: value for key, value in manifest["spec"].items() if key != "replicas"}
    ours = managed_fields.applied(live, FIELD_MANAGER) or {}
    if "f:replicas" in ours.get("f:spec", {}):
        spec["replicas"] = live["spec"]["replicas"]
    return {**manifest, "spec": spec}


def notes(scaled: Autoscaled, declared: Collection[ObjectRef]) -> tuple[str, ...]:
    """Say which workloads are scaled by somebody else."""
    return tuple(
        f"replicas of {workload} are left to {scaler}, which the stack does not declare"
        for workload, scaler in sorted(scaled.items())
        if scaler not in declared
    )


def _live(api: Api, namespace: str) -> list[dict[str, Any]]:
    if (GROUP, KIND) not in api.kinds:
        return []
    try:
        return api.list(api.kind(GROUP, KIND), namespace)
    except ApiError as error:
        if error.code != FORBIDDEN:
            raise
        return []


def _pair(scaler: Mapping[str, Any]) -> tuple[ObjectRef, ObjectRef]:
    """Return what an autoscaler scales, and itself."""
    key = ObjectRef.of(scaler)
    target = scaler["spec"]["scaleTargetRef"]
    group, slash, _ = target.get("apiVersion", "").partition("/")
    return ObjectRef(group if slash else "", target["kind"], key.namespace, target["name"]), key
