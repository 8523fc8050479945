"""kubia.apply.connection: what is refused before it is sent, and what an answer means."""

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kubia import console
from kubia.apply import connection
from kubia.apply.connection import LARGEST, Connection
from kubia.errors import InvalidError, KubiaError

CONFIG = """
current-context: kind
contexts: [{name: kind, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://gate.example"}}]
users: [{name: u, user: {exec: {command: login}}}]
"""
PAGE = "<html><head><title>Log in to the company's network</title></head><body>"
WHO = "is the server in the kubeconfig right, and does a gateway on the way want a login?"
UNAUTHORIZED = json.dumps({"kind": "Status", "message": "Unauthorized"})


@contextmanager
def answering(
    folder: Path, code: int, text: str, after: threading.Event | None = None
) -> Iterator[Connection]:
    """Lend a connection to a server that always answers so, once `after` has come."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if after is not None:
                after.wait(10)
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

        def address_string(self) -> str:
            return ""

    with socketserver.UnixStreamServer(str(folder / "api"), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Connection("kind", folder / "api")
        server.shutdown()


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (200, PAGE, f"{{}} does not answer as a Kubernetes API server does: {PAGE[:60]!r}; {WHO}"),
        (302, "", f"{{}} does not answer as a Kubernetes API server does; {WHO}"),
        (200, '["token"]', f"{{}} does not answer as a Kubernetes API server does; {WHO}"),
        (401, UNAUTHORIZED, "{} does not know these credentials: log in again."),
        (
            500,
            "dial tcp: connection refused",
            "no answer of {}: dial tcp: connection refused; is it",
        ),
        (400, "Client sent an HTTP request to an HTTPS server.", "no answer of {}: Client sent an"),
        (
            500,
            "getting credentials: exec: login failed",
            "no answer of {}: getting credentials: exe",
        ),
        (500, "", "no answer of {}: HTTP status 500; is it running?"),
        (404, "404 page not found", "404 page not found"),
        (404, '{"kind": "Status", "message": "\\t"}', "HTTP status 404"),
    ],
)
def test_an_error_names_server_context_and_file(
    code: int, text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config"
    file.write_text(CONFIG)
    monkeypatch.setenv("KUBECONFIG", str(file))
    where = f"https://gate.example (context 'kind' of {file}), with credentials of login"

    with answering(tmp_path, code, text) as lent, pytest.raises(KubiaError) as caught:
        lent.request("GET", "/api")

    assert str(caught.value).startswith(message.format(where))
    assert getattr(caught.value, "code", 0) == (code if code >= 400 else 0)


def test_a_first_answer_that_takes_long_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    is_said = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        is_said.set()

    monkeypatch.setattr(connection, "SLOW", 0.01)
    monkeypatch.setattr(console, "err", say)

    with answering(tmp_path, 200, '{"items": []}', is_said) as lent:
        assert lent.request("GET", "/api") == {"items": []}
        assert lent.request("GET", "/api") == {"items": []}

    assert said == ["still waiting for the API server of context 'kind'"]


def refused(text: str) -> str:
    with pytest.raises(InvalidError) as caught:
        Connection("kind", Path("nowhere")).request("PUT", "/api", None, {"data": text})
    return str(caught.value)


def test_half_a_character_is_refused() -> None:
    assert refused("a\ud83d") == (
        "a text holds '\\ud83d', half a character: write the whole one, or none."
    )


def test_what_a_server_would_hang_up_on_is_refused() -> None:
    assert refused("a" * LARGEST) == (
        "an object takes 3145740 bytes to send; an API server reads 3145728 at most."
    )
