"""Every mistake of tests/bad_inputs.py, made through the `kubia` command on a stack that runs.

On a simulated node, for what containers do is not the question here.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests import bad_inputs
from tests.bad_inputs import BadInput
from tests.e2e.harness import Cluster, Project

pytestmark = pytest.mark.e2e


@pytest.fixture(name="running", scope="module")
def _running(simulated: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Stack dev, up, for all the mistakes together."""
    project = Project.copy(tmp_path_factory.mktemp("bad") / "kubia", simulated)
    project.up("dev")
    yield project
    project.clean()


@pytest.mark.parametrize("bad", bad_inputs.EVERY, ids=lambda bad: bad.id)
def test_a_mistake_is_told_and_changes_nothing(
    running: Project, tmp_path: Path, bad: BadInput
) -> None:
    file = running.file("dev")
    sound = file.read_text()
    bad.prepare(tmp_path)
    changed = bad.stack_file(yaml.safe_load(sound), tmp_path)
    argv = ["up" if word == "preview" else word for word in bad.argv]
    before = running.cluster.writes()
    try:
        file.write_text(yaml.safe_dump(changed, sort_keys=False, allow_unicode=True))
        result = running.kubia(*argv)
    finally:
        file.write_text(sound)

    said = [line.partition(": ")[2] for line in result.err.splitlines() if "rror: " in line]
    assert "\n".join(said) == bad.expected(running.folder, tmp_path), result.text
    assert result.code == bad.exit_code
    assert "Traceback" not in result.text
    assert running.cluster.writes() == before
