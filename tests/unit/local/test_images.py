"""The operator's image holds the very packages that the program is pinned to."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.programs import ROOT

FOLDER = ROOT / "kubia/local/images/nginx-operator"


def pins(file: Path) -> dict[Requirement, set[str]]:
    """Return each pinned package with its hashes."""
    blocks = (block for block in re.split(r"(?m)^(?=\S)", file.read_text()) if block)
    return {
        Requirement(block.partition(" \\")[0]): set(re.findall(r"sha256:\w+", block))
        for block in blocks
    }


def test_it_installs_what_the_program_is_tested_with() -> None:
    installed = pins(FOLDER / "requirements.txt")
    tested = {
        (pin.name, str(pin.specifier)): h for pin, h in pins(ROOT / "requirements.txt").items()
    }
    assert installed
    for pin, hashes in installed.items():
        assert hashes == tested[pin.name, str(pin.specifier)], pin.name


def closure(requirement: Requirement, found: set[str]) -> None:
    """Add what ``requirement`` names, and all that this needs in turn, as pip would."""
    found.add(canonicalize_name(requirement.name))
    for text in requires(requirement.name) or ():
        needed = Requirement(text)
        marker, extras = needed.marker, ("", *requirement.extras)
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            closure(needed, found)


def test_it_installs_what_the_operator_imports_and_what_that_needs() -> None:
    found: set[str] = set()
    for line in (FOLDER / "requirements.in").read_text().splitlines():
        closure(Requirement(line), found)
    installed = {
        pin.name
        for pin in pins(FOLDER / "requirements.txt")
        if pin.marker is None or pin.marker.evaluate()
    }
    assert installed == found
