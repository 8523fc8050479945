"""The operator's image holds its part of kubia, and the very packages that kubia is pinned to."""

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kubia.local import images
from tests.unit.programs import ROOT

FOLDER = ROOT / "kubia/local/images/nginx-operator"
CLI = images.cli(ROOT)
(OPERATOR,) = (image for image in images.of_node(ROOT) if image.folder == "nginx-operator")

LOADED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps([m.__file__ for name, m in sys.modules.items() if name.split(".")[0] == "kubia"]))
"""
"""Prints where the modules of kubia are that an import loads."""


def copied(image: images.Image) -> dict[str, str]:
    """Return what the image's last stage copies from the context: source → target in the image."""
    recipe = (ROOT / "kubia/local/images" / image.folder / "Containerfile").read_text()
    (folder,) = re.findall(r"^WORKDIR (\S+)$", recipe, re.MULTILINE)
    copies = re.findall(r"^COPY ([^-].*) (\S+)$", recipe.rpartition("FROM")[2], re.MULTILINE)
    return {
        source: str(Path(folder, target, Path(source).name if target.endswith("/") else ""))
        for sources, target in copies
        for source in sources.split()
    }


def installed(image: images.Image, folder: Path) -> Path:
    """Follow the image's recipe on a staged context; return the root of what it makes."""
    context, root = folder / "context", folder / "root"
    images.stage(image, context)
    for source, target in copied(image).items():
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        is_folder = (context / source).is_dir()
        (shutil.copytree if is_folder else shutil.copy)(context / source, place)
    return root


def loaded(module: str, root: Path) -> set[Path]:
    """Return the files of kubia that an import loads, which must all be below `root`."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED, module],
        cwd=root,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    files = {Path(file) for file in json.loads(run.stdout)}
    assert [file for file in files if not file.is_relative_to(root)] == []
    return {file.relative_to(root) for file in files}


def test_it_holds_what_the_operator_is_made_of_and_nothing_else(tmp_path: Path) -> None:
    root = installed(OPERATOR, tmp_path)
    files = loaded("kubia.operator.__main__", root / "app")
    parts = {str(Path("/app", *file.parts[:2])) for file in files}
    assert set(copied(OPERATOR).values()) == parts


def test_the_image_of_the_command_line_holds_all_that_kubia_is_made_of(tmp_path: Path) -> None:
    root = installed(CLI, tmp_path)
    assert loaded("kubia.cli.app", root / "kubia")
    assert {path.name for path in (root / "kubia").iterdir()} == {
        "kubia",
        *images.PROJECT,
    } - {"requirements.txt"}


@pytest.mark.parametrize("image", [OPERATOR, CLI], ids=lambda image: image.folder)
def test_its_recipe_works_on_the_repository_as_on_what_is_staged(image: images.Image) -> None:
    pins = {str(image.requirements.relative_to(ROOT))} if image.requirements else set()
    for source in copied(image).keys() | pins:
        assert (ROOT / source).exists(), source
    assert copied(image).keys() <= image.sources.keys()


def test_a_change_of_what_it_holds_rebuilds_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in images.PROJECT:
        source = ROOT / name
        project.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, project / name)
    assert images.archive(images.cli(project)) == images.archive(CLI)
    for name in ("requirements.txt", "components/common.py"):
        content = (project / name).read_text()
        (project / name).write_text(f"{content}# changed\n")
        assert images.archive(images.cli(project)) != images.archive(CLI), name
        (project / name).write_text(content)


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


def closure(requirement: Requirement, names: set[str]) -> None:
    """Add what `requirement` names, and all that this needs in turn, as pip would."""
    names.add(canonicalize_name(requirement.name))
    for text in requires(requirement.name) or ():
        needed = Requirement(text)
        marker, extras = needed.marker, ("", *requirement.extras)
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            closure(needed, names)


def test_it_installs_what_the_operator_imports_and_what_that_needs() -> None:
    names: set[str] = set()
    for line in (FOLDER / "requirements.in").read_text().splitlines():
        closure(Requirement(line), names)
    installed = {
        pin.name
        for pin in pins(FOLDER / "requirements.txt")
        if pin.marker is None or pin.marker.evaluate()
    }
    assert installed == names
