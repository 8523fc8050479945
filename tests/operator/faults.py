"""What can go wrong with a request of the operator's: the rules that the proxy is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request of the operator's."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str = ""

    @property
    def watch(self) -> bool:
        return "watch" in self.query

    @property
    def lease(self) -> bool:
        return "/leases" in self.path

    @property
    def write(self) -> bool:
        """Whether it changes something in the cluster that is not the Lease."""
        return self.method != "GET" and not self.lease

    @property
    def site_write(self) -> bool:
        """Whether it changes an object of a site."""
        return self.write and "/events/" not in self.path


@dataclass(frozen=True)
class Fault:
    """What happens to a request instead of, or beside, being forwarded."""

    answer: tuple[int, dict[str, Any]] | None = None
    """Answer so, without forwarding."""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the connection without forwarding."""
    lose: bool = False
    """Forward, then close the connection without an answer."""
    twice: bool = False
    """Forward two times, answer with the second outcome."""
    query: dict[str, str] = field(default_factory=dict)
    """Forward with these parameters changed."""
    after: Callable[[], object] | None = None
    """Call this once the API server has answered, before the operator hears of it."""
    delay: float = 0.0
    """Hold the answer back for so many seconds."""


EXPIRED = {
    "type": "ERROR",
    "object": {
        "kind": "Status",
        "code": 410,
        "reason": "Expired",
        "message": "too old resource version",
    },
}
"""What a watch says whose version the API server no longer has."""

Rule = Callable[[Request], Fault | None]


def once(matches: Callable[[Request], bool], fault: Fault, times: int = 1) -> Rule:
    """Return a rule that applies `fault` to the first requests that match."""
    left = [times]

    def rule(request: Request) -> Fault | None:
        if left[0] > 0 and matches(request):
            left[0] -= 1
            return fault
        return None

    return rule


def status(code: int, reason: str, message: str = "as the test wants it") -> Fault:
    """Return an answer with a Status object."""
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return Fault(answer=(code, body))
