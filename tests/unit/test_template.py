"""templates/kubia-python: what `pulumi new` makes of it works as it stands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kubia.project import contract
from kubia.session import Session
from tests import template


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    for path, text in template.generated().items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_its_own_tests_pass(project: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}

    ended = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout
    assert "3 passed" in ended.stdout.splitlines()[-1]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_it_is_rendered_by_kubia_too(project: Path, stack: str) -> None:
    program = Session(contract.stack(project, stack), "kubectl", None).program

    names = {f"{it.type.rpartition(':')[2]} {it.name}" for it in program.resources}
    assert {"Namespace namespace", "WebService web", "NginxSite docs"} <= names
