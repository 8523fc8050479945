"""The user's mistakes, as both Pulumi and `kubia` show them: a sentence and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

from kubia.errors import InvalidError


class MistakeError(InvalidError, pulumi.RunError):
    """Invalid input, raised in a running program: of a RunError Pulumi prints the text alone."""


@contextmanager
def mistakes(place: str = "") -> Iterator[None]:
    """Turn invalid input into a `MistakeError`, each problem beginning with ``place``."""
    try:
        yield
    except InvalidError as err:
        raise MistakeError(f"{place}{problem}" for problem in err.problems) from None
