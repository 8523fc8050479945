"""The user's mistakes, as both Pulumi and `kubia` show them: a sentence and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

from kubia.errors import InvalidError


class MistakeError(InvalidError, pulumi.RunError):
    """Invalid input, raised in a running program: of a RunError Pulumi prints the text alone."""


@contextmanager
def mistakes(whose: str = "") -> Iterator[None]:
    """Turn invalid input into a mistake of `whose`, with which each problem begins.

    Raises:
        MistakeError: the input is invalid.

    """
    try:
        yield
    except InvalidError as error:
        raise MistakeError(f"{whose}{problem}" for problem in error.problems) from None
