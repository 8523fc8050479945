"""Wait for something, up to a deadline."""

import time
from collections.abc import Callable

from kubia.errors import KubiaError

_PAUSE = 0.1  # Seconds between two looks.


def until(
    what: str,
    reached: Callable[[], bool],
    seconds: float,
    failure: Callable[[], str | None] = lambda: None,
) -> None:
    """Return once ``reached()``; raise `KubiaError` after ``seconds``.

    ``failure()`` may say why waiting has become pointless, which ends it at once.
    """
    end = time.monotonic() + seconds
    while not reached():
        if reason := failure():
            message = f"waited until {what}, but {reason}"
            raise KubiaError(message)
        if time.monotonic() > end:
            message = f"waited {seconds:.0f} s in vain until {what}"
            raise KubiaError(message)
        time.sleep(_PAUSE)
