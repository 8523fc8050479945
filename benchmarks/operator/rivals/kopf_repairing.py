"""What makes the operator on kopf promise what ours does; it runs beside `kopf_operator`.

Each site gets an Event, Deployments and Services that change or vanish are repaired, and a label
that is taken off takes the site away.
"""

from typing import Any

import kopf

from benchmarks.operator.rivals.client import apply, delete
from benchmarks.operator.rivals.kopf_operator import LABEL, OPTIONS, VALUE
from kubia.manifests import site_source
from kubia.manifests.site_source import MANAGED_BY, Source
from kubia.operator.compare import satisfied

_OURS = {"app.kubernetes.io/managed-by": MANAGED_BY}
_sources: dict[tuple[str, str], Source] = {}


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Watch no other children than ours; let kopf write Events."""
    selector = ",".join(f"{key}={value}" for key, value in _OURS.items())
    settings.watching.label_selectors["deployments"] = selector
    settings.watching.label_selectors["services"] = selector
    settings.posting.enabled = True


@kopf.on.event("configmaps", labels={LABEL: VALUE})
async def remember(event: kopf.RawEvent, memo: kopf.Memo, **_: Any) -> None:
    """Send an Event; remove the site of a ConfigMap that has lost its label."""
    live: Any = event["object"]
    source = site_source.read(live)[0]
    place = (source.namespace, source.site)
    if event["type"] != "DELETED":
        _sources[place] = source
        kopf.info(live, reason="Applied", message="applied")
        return
    _sources.pop(place, None)
    desired = site_source.desired(source, OPTIONS)
    for manifest in (desired.deployment, desired.service, desired.config_map):
        await delete(memo.client, manifest)


@kopf.on.event("apps", "v1", "deployments", labels=_OURS)
@kopf.on.event("services", labels=_OURS)
async def repair(event: kopf.RawEvent, memo: kopf.Memo, **_: Any) -> None:
    """Apply again what is not as it should be."""
    live: Any = event["object"]
    metadata = live["metadata"]
    source = _sources.get((metadata["namespace"], metadata["name"]))
    if source is None:
        return
    desired = site_source.desired(source, OPTIONS)
    manifest = desired.deployment if live["kind"] == "Deployment" else desired.service
    if event["type"] == "DELETED" or not satisfied(manifest, live):
        await apply(memo.client, manifest)
