"""Errors for the person who reads them.

KubiaError            something failed; the text is all a user needs
└── InvalidError      the input is wrong: every problem found, one a line
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import ClassVar

MASK = "[secret]"
"""What is shown in place of a secret."""


class ExitCode(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    """All that was asked for is done."""
    FAILED = 1
    """Something failed; the same may work later."""
    MISUSE = 2
    """The input is wrong; the same will never work."""
    DIFFERS = 3
    """There is a difference: of `drift`, and of `preview --exit-code`."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, and where: as a text, "WHERE: what is wrong"."""

    path: tuple[str | int, ...]
    """Keys and indices that lead to the value; none where the text says it all."""
    text: str
    """The value given, what is allowed, how to fix it."""
    beside: tuple[str, ...] = ()
    """Other fields of the same spec that the value is compared with."""

    def __str__(self) -> str:
        """Return it with its place as `pulumi config set --path` writes that."""
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path]
        place = "".join(parts).removeprefix(".")
        return f"{place}: {self.text}" if place else self.text

    def under(self, path: tuple[str | int, ...]) -> "Problem":
        """Return the problem of an input that stands at `path` of a larger one."""
        return replace(self, path=(*path, *self.path))


class KubiaError(Exception):
    """A failure whose text says what is wrong and how to fix it; no traceback is due."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    """The process's exit code when this error ends it."""


class InvalidError(KubiaError, ValueError):
    """Input that cannot be used: all its problems at once, each "WHERE: what is wrong"."""

    exit_code: ClassVar[ExitCode] = ExitCode.MISUSE

    def __init__(self, problems: Iterable[str | Problem]) -> None:
        """Keep `problems`, at least one, in the order in which they were found."""
        self.details: tuple[Problem, ...] = tuple(
            Problem((), problem) if isinstance(problem, str) else problem for problem in problems
        )
        self.problems: tuple[str, ...] = tuple(map(str, self.details))
        super().__init__("\n".join(self.problems))


def refuse(problems: Iterable[str | Problem]) -> None:
    """Refuse input that has a problem.

    Raises:
        InvalidError: it has one.

    """
    every = tuple(problems)
    if every:
        raise InvalidError(every)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "did you mean 'image'?" for what is nearest to `name`; nothing if all is far."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""
