"""A program's own modules are its own, whatever this process has loaded under their names."""

import sys
from pathlib import Path

import components
from kubia.program import run

MAIN = """
import pulumi
import components
from stacks import settings

pulumi.export("components", components.WHOSE)
pulumi.export("settings", settings.WHOSE)
"""


def _project(root: Path, whose: str) -> Path:
    for room, module in (("components", "__init__"), ("stacks", "settings")):
        (root / room).mkdir(parents=True)
        (root / room / "__init__.py").touch()
        (root / room / f"{module}.py").write_text(f"WHOSE = {whose!r}\n")
    (root / "__main__.py").write_text(MAIN)
    return root


def _outputs(root: Path) -> dict[str, object]:
    return dict(run.run_file(root, "shop", "dev").outputs)


def test_a_project_with_folders_of_our_names_uses_its_own(tmp_path: Path) -> None:
    shop = _project(tmp_path / "shop", "the shop's")
    assert _outputs(shop) == {"components": "the shop's", "settings": "the shop's"}


def test_each_project_gets_its_own_one_after_the_other(tmp_path: Path) -> None:
    first, second = _project(tmp_path / "one", "one's"), _project(tmp_path / "two", "two's")
    assert _outputs(first)["components"] == "one's"
    assert _outputs(second)["components"] == "two's"


def test_what_was_loaded_before_is_there_again_afterwards(tmp_path: Path) -> None:
    _outputs(_project(tmp_path, "another's"))
    assert sys.modules["components"] is components
