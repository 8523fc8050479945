"""The oracle over random histories: once changes stop, the cluster is as its sources want it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operator.cluster import Cluster
from tests.operator.history import History
from tests.operator.quiet import QuietCheck
from tests.operator.scene import Scene

_SETTINGS = settings(
    max_examples=10,
    stateful_step_count=20,
    derandomize=True,  # The same histories in each run: what fails, fails again.
    database=None,
    deadline=None,
    phases=[Phase.generate],  # Shrinking would take an hour.
    suppress_health_check=list(HealthCheck),
)


def test_random_histories_end_as_their_sources_want(
    cluster: Cluster, quiet_check: QuietCheck, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    begun = 0

    class OnThisCluster(History):
        def __init__(self) -> None:
            nonlocal begun
            begun += 1
            name = f"{request.node.nodeid}, history {begun}"
            super().__init__(Scene(name, cluster, tmp_path), quiet_check)

    run_state_machine_as_test(OnThisCluster, settings=_SETTINGS)

    assert begun >= _SETTINGS.max_examples
