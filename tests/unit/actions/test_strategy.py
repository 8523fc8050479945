"""Promotions and pauses: whose they are, and the gate."""

from pathlib import Path

import pytest

from kubia.actions import strategy
from kubia.actions.strategy import Gate
from kubia.errors import InvalidError, KubiaError
from kubia.observe import monitor
from kubia.observe.record import Record
from tests.unit import releasing


def test_a_bound_and_a_window_need_an_address() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.measure(Gate(max_errors="5%", window=3.0), "web", "dev")

    assert caught.value.problems == (
        "--max-errors needs --probe-url, the address to measure at.",
        "--window needs --probe-url, the address to measure at.",
    )


def test_what_cannot_be_measured_is_refused_with_all_reasons() -> None:
    with pytest.raises(InvalidError) as caught:
        strategy.measure(Gate("https://x", "2", 0), "web", "dev")

    assert caught.value.problems == (
        "--max-errors 2: must be a percentage such as 1% or 0.5%, from 0% up to but not 100%.",
        "--probe-url https://x: must be an http:// address, such as the NodePort's.",
        "--window 0: must be a number of seconds above 0.",
    )


def test_a_canary_with_too_many_errors_is_not_promoted_and_the_advice_names_its_stack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitor, "measured", lambda *_: Record())

    with pytest.raises(KubiaError) as caught:
        strategy.measure(Gate("http://127.0.0.1:30090"), "web", "staging")

    assert str(caught.value) == (
        "not promoted: there was no good answer at all (--max-errors); `kubia abort web -s "
        "staging` takes the canary away."
    )


def test_a_pause_is_of_the_service_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = releasing.shop(tmp_path / "shop", monkeypatch)
    strategy.pause(shop.engine, None, yes=True)
    assert "strategy: {type: Canary, paused: true}" in shop.file.read_text()
    shop.edit("  shop:sites:", "    till: {image: till:v1}\n  shop:sites:")
    with pytest.raises(InvalidError) as caught:
        strategy.resume(shop.engine, None, yes=True)
    assert str(caught.value) == (
        "Pulumi.dev.yaml: shop:services: are web, till; name the one that is meant."
    )
    strategy.pause(shop.engine, "till", yes=True)
    assert [release.cause for release in shop.history()] == ["pause web", "pause till"]
