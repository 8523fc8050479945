"""What is installed: every package of the checkout, by the name under which it is imported."""

import tomllib
from pathlib import Path

from tests.unit.programs import ROOT

SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
FOLDERS = SETUPTOOLS["package-dir"]
"""The folder of each package that is not below its parent's."""


def packages(name: str, folder: Path) -> set[str]:
    """Return a package and the packages below it."""
    return {
        ".".join((name, *init.relative_to(folder).parent.parts))
        for init in folder.rglob("__init__.py")
    }


def test_every_package_is_installed() -> None:
    existing = set().union(*(packages(name, ROOT / folder) for name, folder in FOLDERS.items()))
    assert sorted(SETUPTOOLS["packages"]) == sorted(existing)
