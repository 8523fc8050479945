"""The number of pods that an autoscaler has: whose it is, and that there are any."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kubia.apply import scaling
from kubia.apply.api import FIELD_MANAGER, Api, if_allowed
from kubia.apply.scaling import Scalers
from kubia.drift.model import Finding
from kubia.drift.neighbours import controller
from kubia.live import managed_fields
from kubia.program.objects import Manifest


def find(
    api: Api,
    manifest: Manifest,
    live: Mapping[str, Any],
    scalers: Scalers,
    every: Sequence[Manifest],
) -> Iterator[Finding]:
    """Yield whose the live workload's number is if the stack does not know, and that it is 0.

    `every` manifest of the stack is where its own autoscalers are declared.
    """
    scaler = scalers.get(manifest.key)
    if scaler is None:
        return
    declared = {item.key: item.object for item in every}
    if scaler not in declared:
        text = f"its replicas are left to {scaler}, which the stack does not declare"
        yield Finding(text, is_warning=True)
    if scaling.number(live) != 0 or scaling.number(manifest.object) == 0:
        return
    keeper = declared.get(scaler) or if_allowed(lambda: api.get(scaler), None)
    # One that is itself somebody's, such as KEDA's, is scaled from and to 0 by that.
    least = keeper["spec"].get("minReplicas", 1) if keeper and not controller(keeper) else 0
    if least:
        key = manifest.key
        yield Finding(
            f"has no pods, and {scaler} does nothing at 0: `kubectl --context "
            f"{api.connection.context} -n {key.namespace} scale {key.kind.lower()}/{key.name} "
            f"--replicas={least}` goes on",
            owner=managed_fields.owner_of(live, scaling.REPLICAS, FIELD_MANAGER),
        )
