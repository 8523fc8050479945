"""What is measured. Each scenario gets a fresh cluster and one program, and returns its figures."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from benchmarks.operator.cluster import Cluster, for_each
from benchmarks.operator.observer import Observer
from benchmarks.operator.program import BARE, KOPF, OURS, REPAIRING, SHELL, Program
from tests.operator.proxy import Proxy

Figures = dict[str, float]
Scenario = Callable[[Cluster, str, int], Awaitable[Figures]]

LARGE_BYTES = 100 * 1024
IDLE_SECONDS = 60.0
START_SECONDS = 60.0
_SINGLE = 100
_REPAIR_SECONDS = 60.0
_CYCLE_PAUSE = 0.1
_CYCLES_AT_ONCE = 64


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


def _spread(latencies: list[float]) -> Figures:
    """Return milliseconds."""
    rank = max(0, -(-99 * len(latencies) // 100) - 1)
    return {"p50 ms": statistics.median(latencies) * 1000, "p99 ms": latencies[rank] * 1000}


async def new(cluster: Cluster, kind: str, size: int, content: int = 0) -> Figures:
    """Make ConfigMaps as fast as the API server takes them, while the program runs."""
    namespace = await cluster.namespace()
    names = _names("site", size)
    program = Program(kind, cluster, namespace)
    try:
        await program.quiet()
        before, idle, written = program.cpu(), program.peak(), await cluster.writes()
        async with Observer(cluster, namespace, kind) as observer:
            began = time.monotonic()
            await for_each(names, lambda name: observer.create(name, content))
            wall = await observer.wait(names, program) - began
            spread = _spread(observer.latencies(names))
        await program.quiet()
        return {
            "wall s": wall,
            "CPU s": program.cpu() - before,
            "RSS MB": program.peak(),
            "RSS before MB": idle,
            "writes": await cluster.writes() - written - size,
            **spread,
        }
    finally:
        await program.stop()


async def large(cluster: Cluster, kind: str, size: int) -> Figures:
    """As `new`, each ConfigMap of 100 KiB."""
    return await new(cluster, kind, size, LARGE_BYTES)


async def backlog(cluster: Cluster, kind: str, size: int) -> Figures:
    """Make the ConfigMaps before the program starts; its start counts."""
    namespace = await cluster.namespace()
    names = _names("site", size)
    await for_each(names, lambda name: cluster.create(namespace, name))
    async with Observer(cluster, namespace, kind) as observer:
        written = await cluster.writes()
        program = Program(kind, cluster, namespace)
        try:
            end = await observer.wait(names, program)
            written = await cluster.writes() - written
            await (program.ended() if kind == BARE else program.quiet())
            used = {"CPU s": program.cpu(), "RSS MB": program.peak()}
            return {"wall s": end - program.began, "writes until done": written, **used}
        finally:
            await program.stop()


async def start(cluster: Cluster, kind: str, size: int) -> Figures:
    """Start with a backlog and stop after a minute: memory, where all of it would take long."""
    namespace = await cluster.namespace()
    await for_each(_names("site", size), lambda name: cluster.create(namespace, name))
    program = Program(kind, cluster, namespace)
    try:
        await asyncio.sleep(START_SECONDS)
        return {"RSS MB": program.peak()}
    finally:
        await program.stop()


async def fresh(cluster: Cluster, kind: str, size: int) -> Figures:
    """Make ConfigMaps one after another while the program works at a backlog."""
    namespace = await cluster.namespace()
    names, singles = _names("site", size), list[str]()
    await for_each(names, lambda name: cluster.create(namespace, name))
    async with Observer(cluster, namespace, kind) as observer:
        program = Program(kind, cluster, namespace)
        try:
            await observer.wait_any(program)
            while any(name not in observer.done for name in names):
                singles.append(f"fresh-{len(singles)}")
                await observer.create(singles[-1])
                await observer.wait(singles[-1:], program)
                await asyncio.sleep(0.05)
            return {"changes": len(singles), **_spread(observer.latencies(singles))}
        finally:
            await program.stop()


async def single(cluster: Cluster, kind: str, size: int) -> Figures:
    """Make ConfigMaps one after another, with `size` sites there and nothing else to do."""
    namespace = await cluster.namespace()
    names, singles = _names("site", size), _names("single", _SINGLE)
    await for_each(names, lambda name: cluster.create(namespace, name))
    async with Observer(cluster, namespace, kind) as observer:
        program = Program(kind, cluster, namespace)
        try:
            if size:
                await observer.wait(names, program)
            await program.quiet()
            for name in singles:
                await observer.create(name)
                await observer.wait([name], program)
                await asyncio.sleep(0.05)
            return _spread(observer.latencies(singles))
        finally:
            await program.stop()


async def restart(cluster: Cluster, kind: str, size: int) -> Figures:
    """Start it again, first with nothing changed, then after four changes made meanwhile."""
    namespace = await cluster.namespace()
    names = _names("site", size)
    await for_each(names, lambda name: cluster.create(namespace, name))
    async with Observer(cluster, namespace, kind) as observer:
        await _run(cluster, kind, namespace, lambda program: observer.wait(names, program))
        written = await cluster.writes()
        quiet = await _run(cluster, kind, namespace, lambda program: program.quiet())
        figures = {"in sync s": quiet, "writes unchanged": await cluster.writes() - written}
        right = await _change(cluster, namespace, observer)
        written = await cluster.writes()

        async def repaired(program: Program) -> float:
            end = time.monotonic() + _REPAIR_SECONDS
            wrong = len(right)
            while wrong and time.monotonic() < end:
                await asyncio.sleep(0.05)
                wrong = sum([not await each() for each in right])
            now = time.monotonic()
            figures["not repaired"] = wrong
            await program.quiet()
            return now

        figures["repaired s"] = await _run(cluster, kind, namespace, repaired)
        figures["writes after changes"] = await cluster.writes() - written
        return figures


async def _run(
    cluster: Cluster, kind: str, namespace: str, work: Callable[[Program], Awaitable[float]]
) -> float:
    """Run a program until `work` and all it does is done; return the seconds until the former."""
    program = Program(kind, cluster, namespace)
    try:
        done = await work(program) - program.began
        await program.quiet()
        return done
    finally:
        await program.stop()


async def _change(
    cluster: Cluster, namespace: str, observer: Observer
) -> list[Callable[[], Awaitable[bool]]]:
    """Make a site, edit one, take one's label off, delete the Service of one.

    Return, for each, whether the cluster has followed.
    """
    path = f"/api/v1/namespaces/{namespace}"
    await observer.create("created")
    await cluster.merge(namespace, "site-1", {"data": {"index.html": "edited"}})
    await cluster.merge(namespace, "site-2", {"metadata": {"labels": {"kubia.io/site": None}}})
    await cluster.call("DELETE", f"{path}/services/site-3")
    before = await cluster.template(namespace, "site-1")

    async def created() -> bool:
        return "created" in observer.done

    async def edited() -> bool:
        return await cluster.template(namespace, "site-1") != before

    async def removed() -> bool:
        return not observer.left("site-2")

    async def repaired() -> bool:
        return "site-3" in observer.done

    return [created, edited, removed, repaired]


async def label(cluster: Cluster, kind: str, size: int) -> Figures:
    """Take a site's label off and delete the Service of another, while it runs."""
    namespace = await cluster.namespace()
    names = _names("site", size)
    await for_each(names, lambda name: cluster.create(namespace, name))
    async with Observer(cluster, namespace, kind) as observer:
        program = Program(kind, cluster, namespace)
        try:
            await observer.wait(names, program)
            await program.quiet()
            off = {"metadata": {"labels": {"kubia.io/site": None}}}
            await cluster.merge(namespace, "site-0", off)
            await cluster.call("DELETE", f"/api/v1/namespaces/{namespace}/services/site-1")
            await asyncio.sleep(5)
            gone, repaired = not observer.left("site-0"), "site-1" in observer.done
            return {"children go": gone, "drift repaired": repaired}
        finally:
            await program.stop()


async def idle(cluster: Cluster, kind: str, size: int) -> Figures:
    """Do nothing for a minute, and for another one behind a proxy that counts the requests."""
    namespace = await cluster.namespace()
    names = _names("site", size)
    await for_each(names, lambda name: cluster.create(namespace, name))
    async with Observer(cluster, namespace, kind) as observer:
        program = Program(kind, cluster, namespace)
        try:
            await observer.wait(names, program)
            await program.quiet()
            before = program.cpu()
            await asyncio.sleep(IDLE_SECONDS)
            share = (program.cpu() - before) / IDLE_SECONDS * 100
        finally:
            await program.stop()
    return {"CPU %": share, **await _idle_requests(cluster, kind, namespace)}


async def _idle_requests(cluster: Cluster, kind: str, namespace: str) -> Figures:
    proxy = Proxy(str(cluster.kubeconfig))
    program = Program(kind, cluster, namespace, proxy=proxy.url)
    try:
        await program.quiet()
        before = len(proxy.requests)
        await asyncio.sleep(IDLE_SECONDS)
        seen = proxy.requests[before:]
        lease = sum(request.lease for request in seen)
        watches = sum(request.watch for request in seen)
        return {"Lease": lease, "watches": watches, "other requests": len(seen) - lease - watches}
    finally:
        await program.stop()
        proxy.close()


async def cycles(cluster: Cluster, kind: str, size: int) -> Figures:
    """Make sites, edit them, take their labels off and delete them: what stays in memory."""
    namespace = await cluster.namespace()
    names = _names("cycle", size)
    async with Observer(cluster, namespace, kind) as observer:
        program = Program(kind, cluster, namespace)

        async def cycle(name: str) -> None:
            await observer.create(name)
            await observer.wait([name], program)
            await cluster.merge(namespace, name, {"data": {"index.html": "edited"}})
            off = {"metadata": {"labels": {"kubia.io/site": None}}}
            await cluster.merge(namespace, name, off)
            while observer.left(name):  # noqa: ASYNC110 - it changes in the cluster
                await asyncio.sleep(_CYCLE_PAUSE)
            await cluster.call("DELETE", f"/api/v1/namespaces/{namespace}/configmaps/{name}")

        try:
            first = size // 10
            await for_each(names[:first], cycle, _CYCLES_AT_ONCE)
            await program.quiet()
            before = program.resident()
            await for_each(names[first:], cycle, _CYCLES_AT_ONCE)
            await program.quiet()
            after = program.resident()
            return {"RSS MB": after, "RSS before MB": before, "growth MB": after - before}
        finally:
            await program.stop()


SCENARIOS: dict[str, tuple[Scenario, tuple[str, ...]]] = {
    "new": (new, (OURS, KOPF, REPAIRING, SHELL)),
    "backlog": (backlog, (OURS, KOPF, REPAIRING, BARE)),
    "start": (start, (OURS, KOPF)),
    "fresh": (fresh, (OURS, KOPF)),
    "single": (single, (OURS, KOPF, SHELL)),
    "restart": (restart, (OURS, KOPF)),
    "label": (label, (OURS, KOPF, REPAIRING)),
    "idle": (idle, (OURS, KOPF, REPAIRING)),
    "large": (large, (OURS, KOPF)),
    "cycles": (cycles, (OURS, REPAIRING)),
}
"""Each scenario with the programs that it makes sense for."""
