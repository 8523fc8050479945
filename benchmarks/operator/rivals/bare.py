"""The lower bound: list the ConfigMaps, write the objects of each, do nothing else."""

import asyncio
import sys
from typing import Any

import msgspec

from benchmarks.operator.rivals.client import CONNECTIONS, apply, session
from kubia.manifests import site_source
from kubia.manifests.site_source import SiteOptions

_OPTIONS = SiteOptions()


async def _main(namespace: str) -> None:
    async with session() as client:
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        query = {"labelSelector": "kubia.io/site=true"}
        async with client.get(path, params=query) as response:
            left: list[dict[str, Any]] = msgspec.json.decode(await response.read())["items"]

        async def work() -> None:
            while left:
                source, content = site_source.read(left.pop())
                assert content is not None
                site = site_source.desired(source, _OPTIONS)
                for manifest in (content, site.deployment, site.service):
                    await apply(client, manifest)

        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


asyncio.run(_main(sys.argv[1]))
