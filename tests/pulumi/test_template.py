"""templates/kubia-python under Pulumi's own CLI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests import template

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="Pulumi's CLI is not on PATH")


def test_pulumi_new_makes_the_project_that_is_tested(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": tmp_path.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    folder = tmp_path / "shop"
    named = ("--name", template.NAME, "--description", template.DESCRIPTION, "--dir", str(folder))
    command = ["pulumi", "new", str(template.TEMPLATE), "--yes", "--generate-only", *named]

    subprocess.run(command, env=environment, check=True)

    made = {str(it.relative_to(folder)): it for it in folder.rglob("*") if it.is_file()}
    expected = template.generated()
    assert made.keys() == expected.keys()
    for path in expected.keys() - {"Pulumi.yaml"}:
        assert made[path].read_text() == expected[path]
    project = yaml.safe_load(made["Pulumi.yaml"].read_text())
    del project["config"]  # where Pulumi notes which template it was
    assert {**project, "template": ...} == {
        **yaml.safe_load(expected["Pulumi.yaml"]),
        "template": ...,
    }
