"""Measures the answers of a Service: which share are errors, by version."""

import http.client
import ipaddress
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

PATIENCE = 2.0
"""Seconds within which an answer must come; it is an error otherwise."""
SILENT = "no answer"
UNSENT = "not sent"
"""Too many requests were under way already."""
OTHER = "unknown version"
VERSIONLESS = frozenset({SILENT, UNSENT, OTHER})
ALL = "all"
_VERSION = re.compile(r"This is (v\S+)")
_POD = re.compile(r"\bpod (\S+)")


@dataclass(frozen=True)
class Answer:
    """One answer, and what its first line tells: the version and the pod, "" if it does not."""

    is_error: bool
    version: str = ""
    pod: str = ""
    otherwise: str = OTHER
    seconds: float = 0.0
    """How long it took, from when the request was due."""
    reason: str = ""
    """Why there was no answer."""

    def after(self, seconds: float, patience: float) -> "Answer":
        """Return the answer as one that came after so many seconds; it may be too late."""
        if seconds <= patience:
            return replace(self, seconds=seconds)
        late = f"not within {patience:g} s"
        return Answer(is_error=True, otherwise=SILENT, seconds=seconds, reason=late)


@dataclass
class Shares:
    """Answers, and how many of them were errors, by version."""

    answers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """How long each answer took."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why there were no answers."""

    @property
    def total(self) -> float:
        """The share of errors among all requests."""
        return self.errors.total() / max(self.answers.total(), 1)

    @property
    def worst(self) -> tuple[str, float]:
        """The highest of the shares of errors, of all requests or of one version, and whose."""
        named = [(name, self.share(name)) for name in self.answers if name not in VERSIONLESS]
        return max([*named, (ALL, self.total)], key=lambda pair: pair[1])

    def share(self, name: str) -> float:
        """Return the share of errors among a version's answers, or of a kind of error among all."""
        of = self.answers.total() if name in VERSIONLESS else self.answers[name]
        return self.errors[name] / max(of, 1)

    def add(self, name: str, answer: Answer) -> None:
        """Count an answer of this version."""
        self.answers[name] += 1
        self.errors[name] += answer.is_error
        self.seconds.append(answer.seconds)
        if answer.reason:
            self.reasons[answer.reason] += 1

    def without(self, names: Collection[str]) -> "Shares":
        """Return the shares without these versions."""
        return Shares(
            Counter({name: count for name, count in self.answers.items() if name not in names}),
            Counter({name: count for name, count in self.errors.items() if name not in names}),
            self.seconds,
            self.reasons,
        )

    def lines(self) -> Iterator[str]:
        """Return the shares in words."""
        count = self.answers.total()
        for name, number in sorted(self.answers.items()):
            errors = f"{self.errors[name]} errors ({self.errors[name] / number:.1%})"
            yield f"  {name}: {number / count:.1%} of {count} answers, {errors}"
        for reason, number in sorted(self.reasons.items()):
            yield f"  {SILENT}, {number} times: {reason}"
        yield f"  all: {self.errors.total()} errors ({self.total:.1%})"
        if self.seconds:
            ordered = sorted(self.seconds)
            half, most = (ordered[int(part * (len(ordered) - 1))] for part in (0.5, 0.99))
            yield (
                f"  latency: 50% within {half:.3f} s, 99% within {most:.3f} s, "
                f"longest {ordered[-1]:.3f} s"
            )


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
    host = str(parts.hostname)
    connection = connect(host, parts.port, timeout=PATIENCE, source_address=_source(host))
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        line = answer.read().decode(errors="replace").partition("\n")[0]
    except (OSError, http.client.HTTPException) as error:
        return Answer(is_error=True, otherwise=SILENT, reason=_reason(error))
    finally:
        connection.close()
    version, pod = _VERSION.search(line), _POD.search(line)
    return Answer(
        is_error=answer.status >= http.client.BAD_REQUEST,
        version=version[1] if version else "",
        pod=pod[1] if pod else "",
    )


def _source(host: str) -> tuple[str, int] | None:
    """Return from where to ask a loopback address: each time another one, as each user has.

    From one address its ports come again, and for two minutes the kernel remembers where a port's
    last connection went: one that came before a NodePort led to pods went to nobody, and so does
    the next from there, though all pods serve. Only Linux has more such addresses than one.
    """
    if sys.platform != "linux" or not host.startswith("127."):
        return None
    first, last = (int(ipaddress.IPv4Address(each)) for each in ("127.1.0.1", "127.254.255.254"))
    return str(ipaddress.IPv4Address(random.randint(first, last))), 0  # noqa: S311 - no secret


def _reason(error: Exception) -> str:
    """Return the error in words: `Connection refused`, `Remote end closed connection ...`."""
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or repr(error)


def shares_of(answers: Sequence[Answer]) -> Shares:
    """Return the shares by version."""
    shares = Shares()
    for answer, name in zip(answers, versions(answers), strict=True):
        shares.add(name, answer)
    return shares


def versions(answers: Sequence[Answer]) -> list[str]:
    """Return each answer's version; an error that tells only its pod is that pod's version's."""
    known = {item.pod: item.version for item in answers if item.version and item.pod}
    return [answer.version or known.get(answer.pod, "") or answer.otherwise for answer in answers]
