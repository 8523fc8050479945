"""No fault of the operator's list is forgotten: each has a test that names its number."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_TESTS = Path(__file__).parents[2]
_LIST = _TESTS / "operator/faults.md"


def _named(sources: Iterable[str]) -> set[int]:
    """Return the numbers in the names of tests: `test_fault_01_…`, `test_faults_04_05_…`."""
    names = (
        name for text in sources for name in re.findall(r"def test_faults?((?:_\d\d)+)_", text)
    )
    return {int(number) for name in names for number in name.split("_")[1:]}


def _sources() -> Iterator[str]:
    for folder in ("operator", "e2e", "unit/operator"):
        for path in sorted((_TESTS / folder).glob("test_*.py")):
            yield path.read_text(encoding="utf-8")


def test_every_fault_is_named_by_a_test() -> None:
    listed = re.findall(r"^(\d+)\. ", _LIST.read_text(encoding="utf-8"), re.MULTILINE)

    assert [int(number) for number in listed] == list(range(1, 53))
    assert _named(_sources()) == set(range(1, 53))


def test_numbers_are_read_from_names() -> None:
    text = "def test_fault_07_x() -> None:\n    def test_faults_08_11_y(\ndef test_12_z("

    assert _named([text]) == {7, 8, 11}
