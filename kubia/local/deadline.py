"""Wait for something, up to a deadline."""

import time
from collections.abc import Callable

from kubia.errors import KubiaError

_PAUSE = 0.1  # Seconds between two checks.


def until(
    what: str,
    reached: Callable[[], bool],
    seconds: float,
    failure: Callable[[], str | None] = lambda: None,
) -> None:
    """Return once `reached()`; `failure()` may say why waiting has become pointless.

    Raises:
        KubiaError: `seconds` have passed, or `failure()` says why.

    """
    end = time.monotonic() + seconds
    while not reached():
        if reason := failure():
            message = f"waited until {what}, but {reason}"
            raise KubiaError(message)
        if time.monotonic() > end:
            message = f"gave up after {seconds:.0f} s of waiting until {what}"
            raise KubiaError(message)
        time.sleep(_PAUSE)
