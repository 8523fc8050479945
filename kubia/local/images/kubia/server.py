"""The kubia app: a small HTTP server that says which version runs in which pod.

The environment's VERSION chooses what it does:

    v1 v2 v4    every request is answered
    v3          from the fifth request on, an internal error
    unhealthy   from the sixth request on, "I'm not well"

GET /healthz says that the process lives; it is not counted as a request.
"""

import os
import signal
import socket
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

PORT: Final = 8080
IDLE: Final = 5.0
"""Seconds that a kept-alive connection may be silent; also the longest a stop waits for one."""
AGE: Final = 10.0
"""Seconds after which a kept-alive connection is closed, however busy: it stays with its pod, so a
Service that switches to other pods has settled only when the old connections are gone."""

FAILS_AFTER: Final = {"v1": None, "v2": None, "v3": 4, "v4": None, "unhealthy": 5}
"""How many requests each version answers well; None is all."""


class Server(ThreadingHTTPServer):
    """One thread a connection; closing it waits until requests under way are answered."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, version: str, address: tuple[str, int] = ("", PORT)) -> None:
        """Listen at `address` as `version`."""
        self.version = version
        self.pod = socket.gethostname()
        self.stopping = threading.Event()
        self._requests = 0
        self._lock = threading.Lock()
        super().__init__(address, Handler)

    def count(self) -> int:
        """Count a request; return its number, from 1."""
        with self._lock:
            self._requests += 1
            return self._requests

    def stop(self) -> None:
        """Accept no more connections, so that serve_forever returns."""
        self.stopping.set()
        self.shutdown()


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "kubia"
    sys_version = ""
    timeout = IDLE
    disable_nagle_algorithm = True  # An answer is two writes; the second must not wait.

    def setup(self) -> None:
        """Note when the connection was opened."""
        super().setup()
        self._opened = time.monotonic()

    def do_GET(self) -> None:
        """Answer as the version does."""
        if self.path == "/healthz":
            self._answer(HTTPStatus.OK, "ok")
            return
        status, text = answer(self.server.version, self.server.pod, self.server.count())
        self._answer(status, text)

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = f"{text}\n".encode()
        old = time.monotonic() - self._opened > AGE
        self.close_connection = self.close_connection or old or self.server.stopping.is_set()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log who asked for what; the kubelet's look at /healthz is not worth a line."""
        if self.path != "/healthz":
            super().log_request(code, size)

    def log_message(self, format: str, *args: object) -> None:
        """Write to standard output, the client's address first."""
        sys.stdout.write(f"Received request from {self.client_address[0]}: {format % args}\n")
        sys.stdout.flush()


def answer(version: str, pod: str, number: int) -> tuple[HTTPStatus, str]:
    """Return status and text of request `number` (from 1) to the pod named `pod`."""
    limit = FAILS_AFTER[version]
    well = limit is None or number <= limit
    if version == "unhealthy":
        if well:
            return HTTPStatus.OK, f"You've hit {pod}"
        return HTTPStatus.INTERNAL_SERVER_ERROR, "I'm not well. Please restart me!"
    if well:
        return HTTPStatus.OK, f"This is {version} running in pod {pod}"
    text = f"Some internal error has occurred! This is pod {pod}"
    return HTTPStatus.INTERNAL_SERVER_ERROR, text


def main() -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    version = os.environ.get("VERSION", "v1")
    if version not in FAILS_AFTER:
        sys.stderr.write(f"VERSION is {version!r}; it can be {', '.join(FAILS_AFTER)}\n")
        return 2
    server = Server(version)

    def stop(_signal: int, _frame: object) -> None:
        # serve_forever runs in this very thread, and shutdown() waits for it: use another one.
        threading.Thread(target=server.stop).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(f"kubia {version} listens on port {PORT}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()  # Waits for the threads, so for the requests under way.
    return 0


if __name__ == "__main__":
    sys.exit(main())
