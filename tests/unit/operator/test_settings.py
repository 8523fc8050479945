"""The operator's settings: flags before environment before file, all problems at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from kubia.errors import InvalidError
from kubia.operator.__main__ import main
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


NEVER_WORKING = {
    "a word": (["shop"], "'shop': is not expected here"),
    "a second namespace": (["--namespaces", "a", "b"], "'b': is not expected here"),
    "no namespace": (["--namespaces", ""], "flags: --namespaces: is ''; must be a list"),
    "a comma": (["--namespaces", ","], "flags: --namespaces: is ','; must be a list"),
    "a gap": (["--namespaces", "a,,b"], "flags: --namespaces: is 'a,,b'; must be a list"),
    "two slashes": (["--selector", "a/b/c=d"], "selector: in 'a/b/c', 'a/b' is not a DNS"),
    "a long value": (["--selector", f"a={'b' * 64}"], "selector.a: 'bbb"),
    "a set of values": (["--selector", "a in (b)"], "selector: is 'a in (b)'; must be LABEL=VALUE"),
    "its own label": (
        ["--selector", "app.kubernetes.io/managed-by=kubia-operator"],
        "selector: is 'app.kubernetes.io/managed-by=kubia-operator', which what the operator makes",
    ),
    "its own component": (
        ["--selector", "app.kubernetes.io/component=site"],
        "selector: is 'app.k",
    ),
    "a Lease's name": (["--lease-name", "A B"], "leaseName: 'A B' is not a DNS subdomain"),
    "a Lease's namespace": (["--lease-namespace", "a.b"], "leaseNamespace: 'a.b' is not a names"),
    "an image": (["--image", "Nginx"], "image: is 'Nginx'; must be an image's reference"),
    "no image": (["--image", ""], "image: is ''; must be an image's reference"),
    "a resource": (["--requests", "foo=1"], "requests.foo: is no resource; known are cpu, memory"),
    "no quantity": (["--limits", "cpu=many"], "limits.cpu: is 'many'; must be a quantity"),
    "a request without limit": (["--requests", "a.io/gpu=1"], "requests.a.io/gpu: has no limit"),
    "too many pods": (["--replicas", "2147483648"], "replicas: is 2147483648; must be from 0"),
}


@pytest.mark.parametrize(("argv", "problem"), NEVER_WORKING.values(), ids=[*NEVER_WORKING])
def test_what_can_never_work_ends_at_the_start_with_one_sentence(
    argv: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--kubeconfig", "/nowhere", *argv]) == 2

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {problem}")


@pytest.mark.parametrize("text", ["namespaces: []", "namespaces: ['']"])
def test_an_empty_list_in_a_file_does_not_mean_every_namespace(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)

    with pytest.raises(InvalidError) as error:
        parse(["--config", str(file)], {})

    assert error.value.problems[0].endswith("; leave it out for all")


def test_unusual_settings_that_work_are_taken() -> None:
    argv = ["--selector", "app=hello", "--requests", "a.io/gpu=1", "--limits", "a.io/gpu=1"]

    assert parse([*argv, "--lease-name", "a.b", "--image", "nginx@sha256:" + "a" * 64], {})
    assert parse(["--requests", "", "--selector", "x="], {}).requests == {}


def test_operator_loads_nothing_heavy() -> None:
    heavy = {"pulumi", "pydantic", "rich", "typer"}
    code = f"import sys, kubia.operator.__main__; print(sorted({heavy} & set(sys.modules)))"

    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert output.stdout == "[]\n"
