"""A token that is renewed in its file while requests are sent."""

from pathlib import Path

import httpx2
import pytest
from lightkube.core.exceptions import ConfigError

from kubia.operator.token_file import TokenFile


class _Server:
    """Takes one token; remembers what it was sent."""

    def __init__(self, accepted: str) -> None:
        self.accepted = accepted
        self.sent: list[str] = []

    def ask(self, auth: TokenFile) -> int:
        """Send one request as the operator does; return the last status."""
        flow = auth.auth_flow(httpx2.Request("GET", "http://server"))
        request = next(flow)
        while True:
            self.sent.append(request.headers["Authorization"])
            if self.sent[-1] == f"Bearer {self.accepted}":
                flow.close()
                return 200
            try:
                request = flow.send(httpx2.Response(401))
            except StopIteration:
                return 401


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("one\n")
    return file


def test_a_renewed_token_is_read_when_the_former_is_refused(file: Path) -> None:
    server, auth = _Server("one"), TokenFile(str(file))
    assert server.ask(auth) == 200
    file.write_text("two")
    assert server.ask(auth) == 200
    server.accepted = "two"

    assert [server.ask(auth), server.ask(auth)] == [200, 200]
    assert server.sent == ["Bearer one", "Bearer one", "Bearer one", "Bearer two", "Bearer two"]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"tw", None])
def test_a_file_without_a_whole_token_keeps_the_one_before(
    file: Path, content: bytes | None
) -> None:
    server, auth = _Server("one"), TokenFile(str(file))
    server.ask(auth)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    server.accepted = "two"

    assert server.ask(auth) == 401
    server.accepted = "one"
    assert server.ask(auth) == 200
    server.accepted = "two"
    file.write_text("two")
    assert server.ask(auth) == 200
    assert "Bearer" not in {line.strip() for line in server.sent}


def test_without_any_token_nothing_is_sent(file: Path) -> None:
    server, auth = _Server("one"), TokenFile(str(file))
    file.write_text("")

    with pytest.raises(ConfigError, match="is empty or cannot be read"):
        server.ask(auth)
    file.write_text("one")
    assert server.ask(auth) == 200
    assert server.sent == ["Bearer one"]
