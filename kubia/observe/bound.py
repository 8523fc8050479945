"""The bound on errors: what a release, or a canary before it is promoted, may have at most."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kubia.errors import InvalidError
from kubia.observe import probe
from kubia.observe.probe import Shares
from kubia.observe.record import Record

MAX_ERRORS = "1%"
"""Unless another is given."""
MOST_OF_ALL = 0.5
"""The share of errors without a version from which there was no service before a release."""


@dataclass(frozen=True)
class Counted:
    """The requests that a release answers for, and what was left out."""

    shares: Shares
    ill: Collection[str] = ()
    """Versions that had too many errors before the release began."""
    answered: bool = False
    """Whether there was any good answer."""


def share(text: str) -> float:
    """Return `1%` or `0.01` as a share.

    Raises:
        InvalidError: it is none.

    """
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1:
        problem = (
            f"--max-errors {text}: must be a percentage such as 1% or 0.5%, "
            "from 0% up to but not 100%."
        )
        raise InvalidError([problem])
    return number


def problems(text: str | None, url: str | None) -> Iterator[str]:
    """Return why errors cannot be bounded so, if so."""
    if text is None:
        return
    if url is None:
        yield "--max-errors needs --probe-url, the address to measure at."
    try:
        share(text)
    except InvalidError as error:
        yield from error.problems


def counted(record: Record, most: float) -> Counted:
    """Return what the release answers for, of all that was seen of it.

    Not what failed before the first good answer, as there was nothing to lose; nor the answers of
    a version that failed above the bound before the release began, which may be its cure.
    """
    samples = sorted(record.answers, key=lambda item: item.at)
    first = next((item.at for item in samples if not item.answer.is_error), None)
    if first is None:
        return Counted(Shares())
    names = probe.versions([item.answer for item in samples])
    begin = record.marks[0].at if record.marks else 0.0
    before, served, after = Shares(), Shares(), Shares()
    for item, name in zip(samples, names, strict=True):
        is_before = item.at + item.answer.seconds < begin  # the answer, not the request alone
        if is_before:
            before.add(name, item.answer)
        if item.at >= first:
            (served if is_before else after).add(name, item.answer)
    ill = [name for name in before.answers if name not in probe.VERSIONLESS]
    ill = [name for name in ill if before.share(name) > most]
    # Silence may be that there was no service yet; whoever answers errors is one that fails.
    ill += [
        name
        for name in probe.VERSIONLESS
        if (before if name == probe.OTHER else served).share(name) > MOST_OF_ALL
    ]
    return Counted(after.without(ill), ill, answered=True)


def of_window(record: Record) -> Counted:
    """Return all that was seen, of a while in which nothing was released."""
    shares = probe.shares_of([item.answer for item in record.answers])
    return Counted(shares, answered=shares.errors.total() < shares.answers.total())


def excess(of: Counted, most: float) -> str:
    """Return what is above the bound in words, or ""."""
    if not of.answered:
        return "there was no good answer at all"
    name, worst = of.shares.worst
    return f"{worst:.1%} errors of {name}, above the bound of {most:.1%}" if worst > most else ""
