"""The API server to measure on, and what the benchmark itself does with it."""

import asyncio
import contextlib
import http
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from kubia.local import cluster as local
from kubia.local import paths, processes, settings

NAME = "kubia-bench"
LABEL = {"kubia.io/site": "true"}
CONTROLLERS = ("kwok", "kube-scheduler", "kube-controller-manager")
_WRITES = re.compile(
    r"^apiserver_request_total\{(?=.*resource=\"(?:configmaps|deployments|services|events)\")"
    r"(?=.*subresource=\"\")(?=.*verb=\"(?:APPLY|PATCH|POST|PUT|DELETE)\").*\} (\S+)$",
    re.MULTILINE,
)
_CREATORS = 8
"""How many requests the benchmark itself has under way at once."""
_MERGE = {"Content-Type": "application/merge-patch+json"}


class Cluster:
    """A cluster that runs, and a client with a connection of its own."""

    def __init__(self, running: local.LocalCluster, session: aiohttp.ClientSession) -> None:
        """Keep both."""
        layout = paths.layout(running.name)
        chosen = settings.read(layout)
        assert chosen is not None  # It was just made.
        self.kubeconfig = running.kubeconfig
        self.server = chosen.server
        self.pki = layout.certificates
        self._session = session

    def behind(self, proxy: str) -> Path:
        """Return a kubeconfig that goes to a proxy."""
        path = self.kubeconfig.with_name("proxied")
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "proxy",
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
            "clusters": [{"name": "proxy", "cluster": {"server": proxy}}],
            "users": [{"name": "proxy", "user": {}}],
        }
        path.write_bytes(msgspec.json.encode(config))
        return path

    async def call(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Any:
        """Return the answer to a request, None if there is no such object.

        Raises:
            aiohttp.ClientResponseError: the API server refuses it.

        """
        data = None if body is None else msgspec.json.encode(body)
        kind = headers or {"Content-Type": "application/json"}
        async with self._session.request(
            method, self.server + path, data=data, headers=kind
        ) as response:
            answer = await response.read()
            if response.status == http.HTTPStatus.NOT_FOUND:
                return None
            response.raise_for_status()
            return msgspec.json.decode(answer) if answer[:1] == b"{" else answer.decode()

    async def watch(self, path: str) -> AsyncIterator[Any]:
        """Yield watch events of the objects' metadata."""
        meta = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        async with self._session.get(
            f"{self.server}{path}?watch=1",
            headers={"Accept": meta},
            timeout=aiohttp.ClientTimeout(None),
        ) as response:
            async for line in response.content:
                yield msgspec.json.decode(line)

    async def namespace(self) -> str:
        """Make a namespace."""
        name = f"bench-{secrets.token_hex(4)}"
        await self.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        return name

    async def create(self, namespace: str, name: str, size: int = 0) -> None:
        """Make a site's ConfigMap, with `size` further bytes of content."""
        data = {"index.html": f"hello from {name}" + "x" * size}
        body = {"metadata": {"name": name, "labels": LABEL}, "data": data}
        await self.call("POST", f"/api/v1/namespaces/{namespace}/configmaps", body)

    async def merge(self, namespace: str, name: str, patch: object) -> None:
        """Change a ConfigMap."""
        path = f"/api/v1/namespaces/{namespace}/configmaps/{name}"
        await self.call("PATCH", path, patch, _MERGE)

    async def template(self, namespace: str, deployment: str) -> object:
        """Return a Deployment's pod template."""
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}"
        live: dict[str, Any] = await self.call("GET", path)
        return live["spec"]["template"]

    async def writes(self) -> int:
        """Return how many writes of sites' objects and Events the API server has answered."""
        return sum(int(float(n)) for n in _WRITES.findall(await self.call("GET", "/metrics")))


async def for_each(
    names: Iterable[str], act: Callable[[str], Awaitable[None]], at_once: int = _CREATORS
) -> None:
    """Act on each name, a few at once."""
    left = iter(names)

    async def work() -> None:
        for name in left:
            await act(name)

    await asyncio.gather(*(work() for _ in range(at_once)))


@contextlib.asynccontextmanager
async def cluster(*, controllers: bool) -> AsyncIterator[Cluster]:
    """Lend a fresh cluster; without controllers it is the API server and etcd alone."""
    try:
        running = await asyncio.to_thread(local.up, NAME, "simulated")
        if not controllers:
            await asyncio.to_thread(processes.kill, paths.layout(NAME).processes, CONTROLLERS)
        pki = paths.layout(NAME).certificates
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        connector = aiohttp.TCPConnector(ssl=context, limit=0)
        async with aiohttp.ClientSession(connector=connector, read_bufsize=2**20) as session:
            yield Cluster(running, session)
    finally:
        await asyncio.to_thread(local.down, NAME)
