"""A connection that knows what was changed through it, and lets no change pass that must not be."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubia.apply.connection import ApiError, Connection


class Changes(Connection):
    """A connection that counts the changes it passes on, and asks before each whether it may."""

    def __init__(self, connection: Connection, check: Callable[[], None]) -> None:
        """Pass requests on to `connection`; `check` raises if changes must not be."""
        self.context = connection.context
        self.count = 0
        self._inner = connection
        self._check = check

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        content: str = "application/json",
        accept: str = "application/json",
    ) -> Any:
        """Return the answer.

        Raises:
            KubiaError: it is a change, and must not be.

        """
        if method == "GET" or "dryRun" in (query or {}):
            return self._inner.request(method, path, query, body, content, accept)
        self._check()
        try:
            answer = self._inner.request(method, path, query, body, content, accept)
        except ApiError:  # it was refused, so nothing has changed
            raise
        except BaseException:  # it may have been carried out
            self.count += 1
            raise
        self.count += 1
        return answer
