"""Sees when each site was asked for, and when the last of its objects came to be."""

import asyncio
import time
from collections import defaultdict
from types import TracebackType
from typing import Self

from benchmarks.operator.cluster import Cluster
from benchmarks.operator.program import SHELL, Program

_PATHS = {
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Service": "/api/v1/namespaces/{}/services",
}
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 300.0
"""How long nothing may happen before a program is given up."""


class Observer:
    """Watches the objects of a namespace."""

    def __init__(self, cluster: Cluster, namespace: str, kind: str) -> None:
        """Prepare for what a program of this `kind` makes."""
        self._cluster = cluster
        self._namespace = namespace
        self._kinds = ("Deployment",) if kind == SHELL else tuple(_PATHS)
        self._seen: defaultdict[str, set[str]] = defaultdict(set)
        self._tasks: list[asyncio.Task[None]] = []
        self.asked: dict[str, float] = {}
        """When the creation of each ConfigMap was sent, by the monotonic clock."""
        self.done: dict[str, float] = {}
        """When the last object of each site was seen."""

    async def __aenter__(self) -> Self:
        """Begin."""
        self._tasks = [asyncio.create_task(self._watch(kind)) for kind in self._kinds]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _watch(self, kind: str) -> None:
        while True:
            async for event in self._cluster.watch(_PATHS[kind].format(self._namespace)):
                self._take(kind, event["type"], event["object"]["metadata"])

    def _take(self, kind: str, event: str, metadata: dict[str, dict[str, str]]) -> None:
        labels = metadata.get("labels") or {}
        site = labels.get("app.kubernetes.io/name") if kind == "ConfigMap" else metadata["name"]
        if not isinstance(site, str):
            return
        if event == "DELETED":
            self._seen[site].discard(kind)
            self.done.pop(site, None)
            return
        self._seen[site].add(kind)
        if len(self._seen[site]) == len(self._kinds):
            self.done.setdefault(site, time.monotonic())

    def left(self, site: str) -> bool:
        """Return whether anything of a site is still there."""
        return bool(self._seen[site])

    async def create(self, name: str, size: int = 0) -> None:
        """Ask for a site."""
        self.asked[name] = time.monotonic()
        await self._cluster.create(self._namespace, name, size)

    async def wait(self, names: list[str], program: Program) -> float:
        """Return when the last of these sites was whole."""
        count, since = -1, time.monotonic()
        while missing := [name for name in names if name not in self.done]:
            program.peak()
            if len(missing) != count:
                count, since = len(missing), time.monotonic()
            if time.monotonic() - since > _PATIENCE_SECONDS:
                message = f"{program.kind} has left {count} of {len(names)} sites unmade"
                raise TimeoutError(message)
            await asyncio.sleep(_POLL_SECONDS if count < 100 else 10 * _POLL_SECONDS)
        return max(self.done[name] for name in names)

    async def wait_any(self, program: Program) -> None:
        """Wait until some site is whole."""
        while program.running and not self.done:  # noqa: ASYNC110 - it changes in the cluster
            await asyncio.sleep(_POLL_SECONDS)

    def latencies(self, names: list[str]) -> list[float]:
        """Return the seconds from asking to the last object, sorted."""
        return sorted(self.done[name] - self.asked[name] for name in names)
