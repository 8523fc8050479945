"""The gate of a promotion."""

import pytest

from kubia.actions import strategy
from kubia.actions.strategy import Gate
from kubia.errors import InvalidError


def test_a_bound_needs_an_address() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.measure(Gate(error_bound=0.1))

    assert str(caught.value) == (
        "--error-bound and --window need --probe-url, the address to measure at."
    )
