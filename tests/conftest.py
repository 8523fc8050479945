"""Rules for all tests: one that passes without having asserted anything has failed."""

import os
import random
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

SEED = "SEED"
SETTING = "enable_assertion_pass_hook"
NOTHING_ASSERTED = "passed without executing a single assertion: it proves nothing"

_LANES = ("node", "operator", "simulated", "")
"""The clusters by how long their tests take; those of the operator break the one they use."""
_NODES = {"cluster", "vacant_machine"}
"""The fixtures of tests that need a real node."""

_asserted = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run where assertions are not seen; choose what generated tests are made of."""
    if not config.getini(SETTING):
        msg = f"tests/conftest.py counts assertions: set {SETTING} = true in pyproject.toml"
        raise pytest.UsageError(msg)
    # Here and not where it is used: pytest-xdist's workers inherit it.
    os.environ.setdefault(SEED, str(random.randrange(10**6)))
    # How long an example takes says how busy the machine is, and nothing of what is tried.
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")


def pytest_report_header() -> str:
    """Tell the seed: given again, the same cases are generated."""
    return f"generated cases: {SEED}={os.environ[SEED]}"


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in this hook, too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let `make test` run beside each other what shares no cluster, and in order what does.

    What takes longest begins first, so that nothing long is left to the end.
    """
    for item in items:
        if lane := _lane(item):
            item.add_marker(pytest.mark.xdist_group(lane))
    items.sort(key=lambda item: _LANES.index(_lane(item)))


def _lane(item: pytest.Item) -> str:
    """Return the cluster that a test needs; nothing if it needs none."""
    *_, room = item.path.relative_to(item.config.rootpath).parts[:2]
    if room == "e2e":
        return "node" if _NODES & {*getattr(item, "fixturenames", ())} else "simulated"
    return "operator" if room == "operator" else ""


def pytest_assertion_pass(item: pytest.Item) -> None:
    """Note that this test has asserted something."""
    item.stash[_asserted] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a pass without an assertion into a failure.

    On Pulumi's mocks an assertion inside `apply` never runs when the value is unknown, or when
    nobody waits for it; such a test would pass whatever the program does.
    """
    report = yield
    if call.when == "call" and report.passed and not item.stash.get(_asserted, False):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} {NOTHING_ASSERTED}"
    return report
