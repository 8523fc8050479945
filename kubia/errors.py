"""Errors for the person who reads them.

KubiaError            something failed; the text is all a user needs
└── InvalidError      the input is wrong: every problem found, one a line
"""

import difflib
from collections.abc import Iterable
from typing import ClassVar

MASK = "[secret]"
"""Stands in every text for a value that must not be read."""


class KubiaError(Exception):
    """A failure whose text says what is wrong and how to fix it; no traceback is due."""

    exit_code: ClassVar[int] = 1
    """The process's exit code when this error ends it."""


class InvalidError(KubiaError, ValueError):
    """Input that cannot be used: all its problems at once, each "WHERE: what is wrong"."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep `problems`, at least one, in the order in which they were found."""
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))


def refuse(problems: Iterable[str]) -> None:
    """Refuse input that has problems.

    Raises:
        InvalidError: there is any problem.

    """
    problems = tuple(problems)
    if problems:
        raise InvalidError(problems)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean 'image'?` for the known name that is like `name`; "" if none is."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""
