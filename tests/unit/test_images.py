"""The operator's image holds the very packages that the program is pinned to."""

import re
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.recording import ROOT

FOLDER = ROOT / "images/nginx-operator"


def pins(text: str) -> set[str]:
    """Return each package's lines: name, version, hashes."""
    return {block for block in re.split(r"(?m)^(?=\S)", text) if block}


def test_it_installs_what_the_program_is_tested_with() -> None:
    installed = pins((FOLDER / "requirements.txt").read_text())
    assert installed
    assert installed - pins((ROOT / "requirements.txt").read_text()) == set()


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
    installed = {pin.partition("==")[0] for pin in pins((FOLDER / "requirements.txt").read_text())}
    assert installed == found
