"""A bearer token in a file that somebody else renews, as the kubelet does a service account's."""

from collections.abc import Generator
from pathlib import Path

import httpx2
from lightkube.core.exceptions import ConfigError

_UNAUTHORIZED = 401


class TokenFile(httpx2.Auth):
    """Reads the file again when its token is refused; only what is accepted takes its place.

    So a file that is empty, away or half written for a moment costs no more than that moment.
    """

    def __init__(self, path: str) -> None:
        """Prepare; the file is read with the first request."""
        self._path = Path(path)
        self._token = ""

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send with the token before, then with the one that the file has now."""
        former = self._token or self._read()
        if not former:
            message = f"token file {self._path} is empty or cannot be read"
            raise ConfigError(message)
        self._token = former
        request.headers["Authorization"] = f"Bearer {former}"
        response = yield request
        renewed = self._read()
        if response.status_code != _UNAUTHORIZED or renewed in {"", former}:
            return
        self._token = renewed
        request.headers["Authorization"] = f"Bearer {renewed}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            self._token = former

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
