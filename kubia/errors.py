"""Errors for the person who reads them.

KubiaError            something failed; the text is all a user needs
└── InvalidError      the input is wrong: every problem found, one a line
"""

import difflib
from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar

MASK = "[secret]"
"""What is shown in place of a secret."""


class ExitCode(IntEnum):
    """How a command ends."""

    DONE = 0
    """It has done what was asked for."""
    FAILED = 1
    """Something failed; what was done stays."""
    MISUSE = 2
    """The input is wrong; nothing was done."""
    DIFFERS = 3
    """Of `drift` and `preview --exit-code`: what runs differs from what is declared."""


class KubiaError(Exception):
    """A failure whose text says what is wrong and how to mend it; no traceback is due."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    """The process's exit code when this error ends it."""


class InvalidError(KubiaError, ValueError):
    """Input that cannot be used: all its problems at once, each "WHERE: what is wrong"."""

    exit_code: ClassVar[ExitCode] = ExitCode.MISUSE

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep ``problems``, at least one, in the order in which they were found."""
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))


def refuse(problems: Iterable[str]) -> None:
    """Raise `InvalidError` if there is any problem."""
    found = tuple(problems)
    if found:
        raise InvalidError(found)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for the known name nearest to `name`, or "" if none is near."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""
