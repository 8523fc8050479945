"""Bounded load on a loopback address: new and kept-alive connections, every answer written down."""

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import count, islice
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

MOST_REQUESTS = 200_000
MOST_SECONDS = 600
ANSWER_SECONDS = 5
_FIRST_SOURCE = IPv4Address("127.1.0.1")
_VERSION = re.compile(rb"This is (v\d+) running")


@dataclass(frozen=True)
class Answer:
    """How one request ended."""

    at: float
    """Seconds since the load began."""
    version: str
    """The version that answered; empty if none did."""
    failure: str
    """Why the request failed; empty if it did not."""
    reused: bool = False
    """Whether it went over a connection that had served before."""


@dataclass
class Load:
    """Sends requests from entering the context to leaving it, at most so many and so long.

    A kept-alive connection that the server closes while it is idle is no failure: the request is
    sent again on a new one, once, as HTTP clients do (RFC 9112, 9.3.1).
    """

    url: str
    new: int = 4
    """Workers that open a connection for each request."""
    kept: int = 4
    """Workers that keep theirs."""
    pause: float = 0.005
    """Seconds that a worker rests between requests."""
    answers: list[Answer] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _began: float = 0.0
    _sources: Iterator[int] = field(default_factory=count)

    def __enter__(self) -> Self:
        """Begin."""
        host, port = urlsplit(self.url).hostname, urlsplit(self.url).port
        assert host == "127.0.0.1", "load is aimed at this machine only"
        self._host, self._port = host, port
        self._began = time.monotonic()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, when the requests under way have been answered."""
        self._stop.set()
        self._thread.join()

    @property
    def failures(self) -> Counter[str]:
        """The failed requests, by reason."""
        return Counter(answer.failure for answer in self.answers if answer.failure)

    @property
    def lost(self) -> list[str]:
        """When each of the first failed requests ended, and why."""
        failed = (answer for answer in list(self.answers) if answer.failure)
        return [f"{answer.at:.3f} s: {answer.failure}" for answer in islice(failed, 50)]

    @property
    def versions(self) -> Counter[str]:
        """The answered requests, by version."""
        return Counter(answer.version for answer in self.answers if not answer.failure)

    def since(self, seconds: float) -> list[Answer]:
        """Return the answers of the last `seconds`."""
        now = time.monotonic() - self._began
        return [answer for answer in self.answers if answer.at > now - seconds]

    def reach(self, count: int, seconds: float) -> None:
        """Wait until there are `count` answers, at most `seconds`."""
        deadline = time.monotonic() + seconds
        while len(self.answers) < count and time.monotonic() < deadline:
            time.sleep(0.1)

    @property
    def _over(self) -> bool:
        spent = time.monotonic() - self._began
        return self._stop.is_set() or spent > MOST_SECONDS or len(self.answers) > MOST_REQUESTS

    async def _run(self) -> None:
        await asyncio.gather(
            *(self._worker(keep=False) for _ in range(self.new)),
            *(self._worker(keep=True) for _ in range(self.kept)),
        )

    async def _worker(self, *, keep: bool) -> None:
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while not self._over:
            reused = connection is not None
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    connection, version, failure = await self._ask(connection, keep=keep)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                connection, version = None, ""
                if reused and isinstance(error, ConnectionError | EOFError):
                    continue
                failure = f"{type(error).__name__}: {error}"
            self.answers.append(Answer(time.monotonic() - self._began, version, failure, reused))
            await asyncio.sleep(self.pause)
        if connection:
            connection[1].close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection from a loopback address of its own, as each user has one.

        From one address, ports come again within the minutes for which the kernel remembers to
        which pod a port's last connection went: that pod, gone from the Service, gets the new one.
        """
        source = str(_FIRST_SOURCE + next(self._sources))
        return await asyncio.open_connection(self._host, self._port, local_addr=(source, 0))

    async def _ask(
        self, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None, *, keep: bool
    ) -> tuple[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None, str, str]:
        reader, writer = connection or await self._connect()
        open_still = False
        try:
            mode = "keep-alive" if keep else "close"
            writer.write(f"GET / HTTP/1.1\r\nHost: kubia\r\nConnection: {mode}\r\n\r\n".encode())
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(re.findall(rb"(?m)^([a-z-]+): *(.*?)\r$", head.lower()))
            body = await reader.readexactly(int(fields[b"content-length"]))
            open_still = keep and fields.get(b"connection") != b"close"
        finally:
            if not open_still:
                writer.close()
        versions = sorted({each.decode() for each in _VERSION.findall(body)})
        status = head.split(b" ", 2)[1].decode()
        failure = "" if status == "200" and versions else f"status {status}"
        if len(versions) > 1:
            failure = f"mixes {', '.join(versions)}"
        return ((reader, writer) if open_still else None), "".join(versions[:1]), failure
