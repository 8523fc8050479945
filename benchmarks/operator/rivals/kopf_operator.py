"""The same operator on kopf: `on.event` handlers, a selector on the server, owner references.

It keeps no index, which would make starting quadratic; it lists in pages and lets the task that
kopf keeps for each object end soon, which saves memory; it neither scans for new kinds nor looks
for other operators.
"""

from typing import Any

import aiohttp
import kopf

from benchmarks.operator.rivals.client import apply, session
from kubia.manifests import site_source
from kubia.manifests.site_source import SiteOptions

OPTIONS = SiteOptions()
LABEL, VALUE = "kubia.io/site", "true"


@kopf.on.login()
def login(**kwargs: Any) -> kopf.ConnectionInfo | None:
    """Use the kubeconfig in $KUBECONFIG."""
    return kopf.login_with_kubeconfig(**kwargs)


@kopf.on.startup()
async def prepare(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    """Tune kopf and open the client."""
    settings.watching.label_selectors["configmaps"] = f"{LABEL}={VALUE}"
    settings.watching.chunk_size = 500
    settings.queueing.idle_timeout = 0.1
    settings.scanning.disabled = True
    settings.posting.enabled = False
    memo.client = session()


@kopf.on.cleanup()
async def stop(memo: kopf.Memo, **_: Any) -> None:
    """Close the client."""
    await memo.client.close()


@kopf.on.event("configmaps", labels={LABEL: VALUE})
async def site(event: kopf.RawEvent, memo: kopf.Memo, **_: Any) -> None:
    """Apply the objects of a site; garbage collection removes them with their ConfigMap."""
    live: Any = event["object"]
    if event["type"] == "DELETED":
        return
    client: aiohttp.ClientSession = memo.client
    source, content = site_source.read(live)
    assert content is not None
    desired = site_source.desired(source, OPTIONS)
    for manifest in (content, desired.deployment, desired.service):
        await apply(client, manifest)
