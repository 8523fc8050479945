"""Measures the answers of a Service: which share are errors, by version."""

import http.client
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kubia.console import Progress
from kubia.errors import KubiaError, refuse

RATE = 20.0
"""Requests a second at most."""
PATIENCE = 2.0
"""Seconds within which an answer must come; it is an error otherwise."""
SILENT = "no answer"
OTHER = "unknown version"
_VERSION = re.compile(r"This is (v\S+)")
_POD = re.compile(r"\bpod (\S+)")


@dataclass(frozen=True)
class Answer:
    """One answer, and what its first line tells: the version and the pod, "" if it does not."""

    is_error: bool
    version: str = ""
    pod: str = ""
    otherwise: str = OTHER


@dataclass
class Shares:
    """Answers, and how many of them were errors, by version."""

    answers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> float:
        """The share of errors among all requests."""
        return self.errors.total() / max(self.answers.total(), 1)

    @property
    def worst(self) -> float:
        """The highest of the shares of errors: of all requests, or of one version's answers."""
        own = (self.errors[name] / count for name, count in self.answers.items())
        return max(self.total, *own, 0.0)

    def lines(self) -> Iterator[str]:
        """Return the shares in words."""
        count = self.answers.total()
        for name, number in sorted(self.answers.items()):
            errors = f"{self.errors[name]} errors ({self.errors[name] / number:.1%})"
            yield f"  {name}: {number / count:.1%} of {count} answers, {errors}"
        yield f"  all: {self.errors.total()} errors ({self.total:.1%})"


def check(url: str, bound: float, window: float) -> None:
    """Refuse what cannot be measured.

    Raises:
        InvalidError: the address, the bound or the window is none.

    """
    wrong = [*problems(url)]
    if not 0 <= bound < 1:
        wrong.append(f"--error-bound {bound:g}: must be a share, from 0 up to but not 1.")
    if window <= 0:
        wrong.append(f"--window {window:g}: must be a number of seconds above 0.")
    refuse(wrong)


def problems(url: str) -> Iterator[str]:
    """Return why an address cannot be asked, if so."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "http" and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, an address in brackets that is none
        fits = False
    if not fits:
        yield f"--probe-url {url}: must be an http:// address, such as the NodePort's."


def ask(
    url: str, connect: Callable[..., http.client.HTTPConnection] = http.client.HTTPConnection
) -> Answer:
    """Return what the address answers."""
    parts = urlsplit(url)
    connection = connect(str(parts.hostname), parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        line = answer.read().decode(errors="replace").partition("\n")[0]
    except (OSError, http.client.HTTPException):
        return Answer(is_error=True, otherwise=SILENT)
    finally:
        connection.close()
    version, pod = _VERSION.search(line), _POD.search(line)
    return Answer(
        is_error=answer.status >= http.client.BAD_REQUEST,
        version=version[1] if version else "",
        pod=pod[1] if pod else "",
    )


def measure(
    url: str, window: float, progress: Progress, ask: Callable[[str], Answer] = ask
) -> Shares:
    """Ask for `window` seconds, each time on a connection of its own."""
    answers: list[Answer] = []
    start = time.monotonic()
    while (spent := time.monotonic() - start) < window:
        answers.append(ask(url))
        failed = sum(answer.is_error for answer in answers)
        progress.show({url: f"{len(answers)} requests, {failed} errors, {spent:.0f} s"})
        time.sleep(max(0.0, start + len(answers) / RATE - time.monotonic()))
    return shares_of(answers)


def shares_of(answers: Sequence[Answer]) -> Shares:
    """Return the shares by version."""
    shares = Shares()
    for answer, name in zip(answers, versions(answers), strict=True):
        shares.answers[name] += 1
        shares.errors[name] += answer.is_error
    return shares


def versions(answers: Sequence[Answer]) -> list[str]:
    """Return each answer's version; an error that tells only its pod is that pod's version's."""
    known = {answer.pod: answer.version for answer in answers if answer.version}
    return [answer.version or known.get(answer.pod, "") or answer.otherwise for answer in answers]


def refuse_above(shares: Shares, bound: float) -> None:
    """Refuse to promote what has too many errors.

    Raises:
        KubiaError: the share of errors, of all or of one version, is above the bound.

    """
    if shares.worst > bound:
        message = (
            f"not promoted: {shares.worst:.1%} errors, above the bound of {bound:.1%}; "
            "`kubia abort` takes the canary away."
        )
        raise KubiaError(message)
