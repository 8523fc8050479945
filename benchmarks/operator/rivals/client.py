"""The client of the rivals in Python, as lean as one can be, so that it costs them little."""

import os
import ssl
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

from kubia.manifests.site_source import MANAGED_BY

CONNECTIONS = 10
"""As many requests at once as the operator has workers."""
_APPLY = {"Content-Type": "application/apply-patch+yaml"}
_PLURALS = {
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Service": "/api/v1/namespaces/{}/services",
}


def session() -> aiohttp.ClientSession:
    """Return a session with the cluster that the benchmark names; it keeps its connections."""
    context = ssl.create_default_context(cafile=os.environ["BENCH_CA"])
    context.load_cert_chain(os.environ["BENCH_CERTIFICATE"], os.environ["BENCH_KEY"])
    connector = aiohttp.TCPConnector(ssl=context, limit=CONNECTIONS)
    return aiohttp.ClientSession(os.environ["BENCH_SERVER"], connector=connector)


async def apply(client: aiohttp.ClientSession, manifest: dict[str, Any]) -> None:
    """Apply an object on the server."""
    query = {"fieldManager": MANAGED_BY, "force": "true"}
    data = msgspec.json.encode(manifest)
    async with client.patch(_path(manifest), params=query, data=data, headers=_APPLY) as response:
        response.raise_for_status()
        await response.read()


async def delete(client: aiohttp.ClientSession, manifest: dict[str, Any]) -> None:
    """Delete an object, if it is there."""
    async with client.delete(_path(manifest)) as response:
        if response.status != HTTPStatus.NOT_FOUND:
            response.raise_for_status()
        await response.read()


def _path(manifest: dict[str, Any]) -> str:
    metadata = manifest["metadata"]
    return f"{_PLURALS[manifest['kind']].format(metadata['namespace'])}/{metadata['name']}"
