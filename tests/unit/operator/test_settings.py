"""The operator's settings: flags before environment before file, all problems at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from kubia.errors import InvalidError
from kubia.operator.flags import parse
from kubia.operator.settings import Settings

_ENVIRONMENT = (
    "environment: KUBIA_OPERATOR_DRYRUN: is not a known setting; "
    "did you mean 'KUBIA_OPERATOR_DRY_RUN'?"
)


def test_defaults() -> None:
    assert parse([], {}) == Settings()


def test_flags_before_environment_before_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("replicas: 2\nport: 1\nimage: a\nnamespaces: [x, y]\nlimits: {memory: 1Gi}\n")
    environ = {"KUBIA_OPERATOR_PORT": "2", "KUBIA_OPERATOR_IMAGE": "b", "HOME": "/"}

    settings = parse(["--config", str(file), "--image", "c", "--dry-run"], environ)

    assert (settings.replicas, settings.port, settings.image) == (2, 2, "c")
    assert (settings.namespaces, settings.limits) == (("x", "y"), {"memory": "1Gi"})
    assert settings.dry_run is True


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text('replicas: "x"\nimagee: a\n')

    with pytest.raises(InvalidError) as error:
        parse(
            ["--config", str(file), "--prot=1", "--selector", "bad"],
            {"KUBIA_OPERATOR_DRYRUN": "1", "KUBIA_OPERATOR_DRY_RUN": "maybe"},
        )

    assert [problem.removeprefix(f"{file}: ") for problem in error.value.problems] == [
        "replicas: is 'x'; must be a whole number",
        "imagee: is not a known setting; did you mean 'image'?",
        _ENVIRONMENT,
        "environment: KUBIA_OPERATOR_DRY_RUN: is 'maybe'; must be true or false",
        "flags: --prot: is not a known setting; did you mean '--port'?",
        "selector: is 'bad'; must be LABEL=VALUE, such as kubia.io/site=true",
    ]


def test_operator_loads_nothing_heavy() -> None:
    heavy = {"pulumi", "pydantic", "rich", "typer"}
    code = f"import sys, kubia.operator.__main__; print(sorted({heavy} & set(sys.modules)))"

    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert output.stdout == "[]\n"
