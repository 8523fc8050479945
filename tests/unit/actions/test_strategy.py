"""The gate of a promotion."""

import pytest

from kubia.actions import strategy
from kubia.actions.strategy import Gate
from kubia.errors import InvalidError


def test_a_bound_and_a_window_need_an_address() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.measure(Gate(max_errors="5%", window=3.0))

    assert caught.value.problems == (
        "--max-errors needs --probe-url, the address to measure at.",
        "--window needs --probe-url, the address to measure at.",
    )


def test_what_cannot_be_measured_is_refused_with_all_reasons() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.measure(Gate("https://x", "2", 0))

    assert caught.value.problems == (
        "--max-errors 2: must be a percentage such as 1% or 0.5%, from 0% up to but not 100%.",
        "--probe-url https://x: must be an http:// address, such as the NodePort's.",
        "--window 0: must be a number of seconds above 0.",
    )
