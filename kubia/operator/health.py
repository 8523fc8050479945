"""Answers probes and Prometheus: /livez, /readyz, /metrics."""

import asyncio

from prometheus_client import generate_latest

from kubia.operator.operator import Operator

_SILENCE_SECONDS = 85.0
"""A reflector that hears nothing for so long is dead, and did not manage to begin anew."""
_REQUEST_SECONDS = 5.0
"""How long a request may take to arrive, and its answer to leave."""


async def serve(operator: Operator, host: str, port: int) -> asyncio.Server:
    """Listen; a port 0 is chosen by the system.

    Raises:
        OSError: the address cannot be listened on.

    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                status, body = _answer(operator, head.split(b" ", 2)[1].decode())
                length = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                writer.write(f"HTTP/1.1 {status}\r\n{length}".encode() + body)
                await writer.drain()
        except (TimeoutError, OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):
            pass  # Whoever asked went away or does not speak HTTP.
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port)


def _answer(operator: Operator, path: str) -> tuple[str, bytes]:
    match path.partition("?")[0]:
        case "/livez":
            dead = _dead(operator)
            return ("503 Service Unavailable", dead.encode()) if dead else ("200 OK", b"ok\n")
        case "/readyz":
            unready = ("503 Service Unavailable", b"the first lists are not complete\n")
            return ("200 OK", b"ok\n") if operator.ready else unready
        case "/metrics":
            operator.measure()
            return "200 OK", generate_latest()
        case _:
            return "404 Not Found", b"known are /livez, /readyz and /metrics\n"


def _dead(operator: Operator) -> str:
    now = asyncio.get_running_loop().time()
    return "".join(
        f"{each.name}: silent for {now - each.last_contact:.0f} s\n"
        for scope in operator.scopes.values()
        for each in scope
        if each.started and now - each.last_contact > _SILENCE_SECONDS
    )
