"""A rollback never makes things worse: random histories against a model of the ledger."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.generated.ledger import Histories

SEED = int(os.environ["SEED"])
COUNT = int(os.environ.get("COUNT") or 5)
KNOWN = 1
"""The seed without COUNT: with SEED=51 a history takes minutes, for a reason not found yet."""


def test_any_history_serves_and_goes_back_as_the_model_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBIA_WHO", "a test")
    run = 0

    @seed(SEED if os.environ.get("COUNT") else KNOWN)
    class Here(Histories):
        root = tmp_path

        def __init__(self) -> None:
            nonlocal run
            run += 1
            super().__init__()

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=COUNT,
            stateful_step_count=20,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert run >= COUNT
