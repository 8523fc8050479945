"""The operator's image holds the very packages that the program is pinned to."""

import re

from tests.unit.recording import ROOT

FOLDER = ROOT / "images/nginx-operator"


def pins(text: str) -> set[str]:
    """Return each package's lines: name, version, hashes."""
    return {block for block in re.split(r"(?m)^(?=\S)", text) if block}


def test_it_installs_what_the_program_is_tested_with() -> None:
    installed = pins((FOLDER / "requirements.txt").read_text())
    assert installed
    assert installed - pins((ROOT / "requirements.txt").read_text()) == set()


def test_it_installs_what_the_operator_imports() -> None:
    named = (FOLDER / "requirements.in").read_text().splitlines()
    wanted = {re.split("[>=]", line)[0] for line in named}
    installed = {pin.partition("==")[0] for pin in pins((FOLDER / "requirements.txt").read_text())}
    assert wanted <= installed
    assert "pulumi" not in installed
