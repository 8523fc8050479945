"""The rules that tests themselves obey."""

import os
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


EXAMPLES = """
import pytest

def test_nothing():
    [].sort()

def test_never_reached():
    for value in []:
        assert value

def test_asserting():
    assert 1 + 1 == 2

def test_raising():
    assert 1 + 1 == 3

def test_skipped():
    pytest.skip("needs root")
"""


@pytest.fixture
def guarded(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a folder for tests that obey tests/conftest.py."""
    text = (ROOT / "tests/conftest.py").read_text()
    pytester.makeconftest(text.replace('pytest_plugins = ["pytester"]', ""))
    return pytester


def test_a_test_fails_if_it_asserts_nothing_or_never_gets_there(guarded: pytest.Pytester) -> None:
    guarded.makeini("[pytest]\nenable_assertion_pass_hook = true\n")
    guarded.makepyfile(EXAMPLES)
    result = guarded.runpytest_inprocess("-ra", "--disable-plugin-autoload")
    assert result.parseoutcomes() == {"failed": 3, "passed": 1, "skipped": 1}
    said = "passed without executing a single assertion: it proves nothing"
    result.stdout.fnmatch_lines_random(
        [f"*::test_nothing {said}", f"*::test_never_reached {said}", "SKIPPED * needs root"]
    )


def test_tests_do_not_run_where_assertions_are_not_seen(guarded: pytest.Pytester) -> None:
    guarded.makeini("[pytest]\n")
    guarded.makepyfile(EXAMPLES)
    assert (
        guarded.runpytest_inprocess("--disable-plugin-autoload").ret == pytest.ExitCode.USAGE_ERROR
    )


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def test_unit_tests_reach_no_network(family: socket.AddressFamily) -> None:
    with socket.socket(family) as connection, pytest.raises(AssertionError) as caught:
        connection.connect(("localhost", 1))
    assert str(caught.value) == "Must not be called!"


def test_unit_tests_resolve_no_names() -> None:
    with pytest.raises(AssertionError) as caught:
        socket.create_connection(("example.org", 80))
    assert str(caught.value) == "Must not be called!"


def test_unit_tests_see_nothing_of_the_environment(tmp_path: Path) -> None:
    left = [name for name in os.environ if name.startswith(("KUBIA_", "PULUMI_", "KUBECONFIG"))]
    assert left == []
    assert Path.home().parent == tmp_path.parent
    assert not Path.home().exists()
