"""A proxy between the operator and the real API server, which makes things go wrong on demand."""

import asyncio
import contextlib
import io
import json
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from aiohttp import web
from lightkube import KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.models import User

from kubia.manifests.values import Object
from tests.operator.faults import Fault, Request, Rule

CLOSE_SECONDS = 5
_Stream = tuple[aiohttp.ClientResponse, asyncio.Transport | None]


class Proxy:
    """Forwards to the API server of a kubeconfig, in a thread of its own."""

    def __init__(self, kubeconfig: str, tls: ssl.SSLContext | None = None) -> None:
        """Serve from now on; with `tls`, encrypted by whatever certificate that has at a time."""
        config = KubeConfig.from_file(kubeconfig).get()
        assert config is not None
        self.requests: list[Request] = []
        self._config = config
        self._tls = tls
        self._rules: list[Rule] = []
        self._streams: dict[web.StreamResponse, _Stream] = {}
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._silent = False
        self._refusing = False
        self.url = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    @property
    def writes(self) -> list[Request]:
        """Every write so far, but those to the Lease."""
        return [request for request in self.requests if request.write]

    @property
    def site_writes(self) -> list[Request]:
        return [request for request in self.requests if request.site_write]

    @property
    def lists(self) -> int:
        """How many lists of a whole kind, or pages of one, were asked for so far."""
        return sum(r.method == "GET" and "limit" in r.query for r in self.requests)

    @contextmanager
    def rule(self, rule: Rule) -> Iterator[None]:
        """Let `rule` decide about each request."""
        self._rules.append(rule)
        try:
            yield
        finally:
            self._rules.remove(rule)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Keep watches open but pass nothing on, and answer no new ones."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Cut every connection, and each new one at once."""
        self._refusing = True
        self.cut()
        try:
            yield
        finally:
            self._refusing = False

    def end_watches(self) -> None:
        """End every watch properly."""

        def end() -> None:
            for response, _ in self._streams.values():
                response.close()

        self._loop.call_soon_threadsafe(end)

    def cut(self, half_line: bytes = b"") -> None:
        """Break every watch, after half a line."""

        async def cut() -> None:
            for stream in list(self._streams):
                if half_line:
                    await stream.write(half_line)
                    await asyncio.sleep(0.05)
                self._abort(stream)

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(5)

    def say(self, event: Object) -> None:
        """Add an event to every watch."""

        async def say() -> None:
            for stream in list(self._streams):
                with contextlib.suppress(OSError):  # The operator may have gone.
                    await stream.write(json.dumps(event).encode() + b"\n")

        asyncio.run_coroutine_threadsafe(say(), self._loop).result(5)

    def _abort(self, stream: web.StreamResponse) -> None:
        transport = self._streams[stream][1]
        if transport is not None:
            transport.abort()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()
        self._loop.run_until_complete(self._stop())
        self._loop.close()

    async def _start(self) -> None:
        config = self._config
        trusted = verify_cluster(config.cluster, config.user or User(), config.abs_file)
        self._session = aiohttp.ClientSession(
            config.cluster.server,
            connector=aiohttp.TCPConnector(ssl=trusted, limit=0, socket_factory=self._socket),
            # The API server packs long lists, and the proxy would have to say so.
            headers={"Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(None),
        )
        server = web.Server(self._answer)
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        scheme = "https" if self._tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._runner.addresses[0][1]}"
        self._started.set()

    async def _stop(self) -> None:
        self._refusing = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._runner.cleanup()
        if self._session.connector is not None:
            await self._session.connector.close(abort_ssl=True)
        await self._session.close()
        # A connection that was closed, not aborted, waits for the API server's farewell.
        async with asyncio.timeout(CLOSE_SECONDS):
            while any(  # noqa: ASYNC110 - nothing tells of the end of a closed transport
                connected.fileno() != -1 for connected in self._sockets
            ):
                await asyncio.sleep(0.01)

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, *_ = address
        connected = socket.socket(family, kind, protocol)
        self._sockets.add(connected)
        return connected

    async def _answer(  # noqa: PLR0911 - one return an outcome
        self, request: web.BaseRequest
    ) -> web.StreamResponse:
        seen = Request(
            request.method,
            request.path,
            dict(request.query),
            request.headers.get("Authorization", ""),
        )
        body = await request.content.read()  # Without aiohttp's limit of 1 MiB.
        transport = request.transport
        if self._refusing or transport is None:
            return _hang_up(transport)
        self.requests.append(seen)
        fault = next((f for rule in list(self._rules) if (f := rule(seen))), Fault())
        if fault.drop:
            return _hang_up(transport)
        while self._silent and seen.watch:  # noqa: ASYNC110 - another thread changes it
            await asyncio.sleep(0.05)
        if fault.answer is not None:
            status, answer = fault.answer
            return web.json_response(answer, status=status, headers=fault.headers)
        names = ("Accept", "Content-Type")  # The proxy proves itself by its own certificate.
        headers = {k: v for k, v in request.headers.items() if k in names}
        call: dict[str, Any] = {"params": {**seen.query, **fault.query}, "headers": headers}
        method, path = seen.method, seen.path
        try:
            if fault.twice:
                async with self._session.request(method, path, data=_body(body), **call) as first:
                    await first.read()
            async with self._session.request(method, path, data=_body(body), **call) as response:
                if seen.watch and response.status == 200:
                    return await self._stream(request, response)
                content = await response.read()
        except aiohttp.ClientError:
            return _hang_up(transport)
        if fault.after:
            fault.after()
        await asyncio.sleep(fault.delay)
        if fault.lose or self._refusing:
            return _hang_up(transport)
        kept = {k: v for k, v in response.headers.items() if k in {"Content-Type", "Retry-After"}}
        return web.Response(body=content, status=response.status, headers=kept)

    async def _stream(
        self, request: web.BaseRequest, response: aiohttp.ClientResponse
    ) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "application/json"})
        await stream.prepare(request)
        self._streams[stream] = (response, request.transport)
        try:
            async for chunk in response.content.iter_any():
                while self._silent:  # noqa: ASYNC110 - another thread changes it
                    await asyncio.sleep(0.05)
                await stream.write(chunk)
        except (aiohttp.ClientError, OSError):
            pass
        finally:
            del self._streams[stream]
        with contextlib.suppress(OSError):
            await stream.write_eof()
        return stream


def _body(content: bytes) -> io.BytesIO | None:
    """Return a body to send; aiohttp wants large ones as files."""
    return io.BytesIO(content) if content else None


def _hang_up(transport: asyncio.Transport | None) -> web.Response:
    if transport is not None:
        transport.abort()
    return web.Response()
