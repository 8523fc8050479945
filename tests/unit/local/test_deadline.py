"""kubia.local.deadline: waiting ends with success, with a reason, or with the time."""

from itertools import count

import pytest

from kubia.errors import KubiaError
from kubia.local import deadline


def test_what_is_reached_ends_the_wait() -> None:
    calls = count()
    deadline.until("two", lambda: next(calls) == 1, 60)
    assert next(calls) == 2


@pytest.mark.parametrize(
    ("seconds", "failure", "text"),
    [
        (0, None, "gave up after 0 s of waiting until it serves"),
        (60, "etcd has ended", "waited until it serves, but etcd has ended"),
    ],
)
def test_waiting_that_has_become_pointless_ends_with_the_reason(
    seconds: float, failure: str | None, text: str
) -> None:
    with pytest.raises(KubiaError) as caught:
        deadline.until("it serves", lambda: False, seconds, lambda: failure)
    assert str(caught.value) == text
