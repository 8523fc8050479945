"""kubia.actions.tour: what READMEs say to type, and each of the examples."""

import tempfile
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kubia.actions import tour
from kubia.actions.tour import Example, Step
from kubia.cli.app import app
from kubia.errors import InvalidError, KubiaError
from tests.unit.cli.running import kubia
from tests.unit.objects import schema_problems
from tests.unit.test_readme import ANYTHING, command

ALL = tour.examples()
TEXT = """# A pod

Some words.

```console
$ kubia up
1 created…
$ kubia kubectl get pods
NAME  READY

kubia 1/1 …
$ sh twice.sh  # fails
```

More words.
"""
STEPS = [
    Step("kubia up", ("1 created…",)),
    Step("kubia kubectl get pods", ("NAME  READY", "kubia 1/1 …")),
    Step("sh twice.sh", fails=True),
]


@pytest.mark.parametrize("example", ALL, ids=lambda example: example.name)
def test_an_example_is_a_program_of_its_own_whose_objects_are_valid(example: Example) -> None:
    result = CliRunner().invoke(app, ["render", "-C", str(example.folder), "--stack", "dev"])

    assert result.exit_code == 0, result.output
    objects = list(yaml.safe_load_all(result.stdout))
    space = f"tour-{example.name.partition('-')[2]}"
    assert {"Namespace"} < {each["kind"] for each in objects}
    assert space in {each["metadata"]["name"] for each in objects}
    assert [problem for each in objects for problem in schema_problems(each)] == []


@pytest.mark.parametrize("example", ALL, ids=lambda example: example.name)
def test_a_readme_says_only_commands_that_there_are_and_what_one_sees(example: Example) -> None:
    assert example.steps[0].command.startswith("kubia up")
    for step in example.steps:
        assert step.lines or not step.command.startswith("kubia up")
        if step.command.startswith("kubia "):
            name, params, words = command(step.command)
            options = {word for word in words if word.startswith("-")}
            assert name in ANYTHING or options <= params.keys()


def test_a_readme_is_words_and_steps_in_their_order() -> None:
    example = Example(Path("01-pod"), TEXT)

    assert (example.name, example.title) == ("01-pod", "A pod")
    assert list(example.parts) == ["# A pod\n\nSome words.", *STEPS, "More words."]


@pytest.mark.parametrize(
    ("output", "missing"),
    [
        ("NAME   READY   AGE\nNAME READY\nother\nkubia  1/1   5s\n", ""),
        ("NAME READY\nkubia 0/1 5s\n", "kubia 1/1 …"),
        ("kubia 1/1 5s\nNAME READY\n", "kubia 1/1 …"),
        ("", "NAME  READY"),
    ],
)
def test_a_step_misses_the_first_line_that_is_not_shown_in_its_order(
    output: str, missing: str
) -> None:
    assert STEPS[1].missing(output) == missing


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (Step("echo done", ("done",)), ""),
        (Step("exit 1", fails=True), ""),
        (Step("echo no", ("done",)), "`echo no` ended with 0, without the line 'done'."),
        (Step("exit 1"), "`exit 1` ended with 1"),
        (Step("true", fails=True), "`true` ended with 0"),
    ],
)
def test_a_step_goes_as_its_readme_says_or_it_is_said_how_not(
    tmp_path: Path, step: Step, problem: str
) -> None:
    assert tour.try_(step, tmp_path, {}).problem == problem


def test_what_only_reads_is_repeated_until_it_shows_what_it_should(tmp_path: Path) -> None:
    late = "echo x >> n; kubectl get x; test $(wc -l < n) -ge 2 && echo here"

    attempt = tour.try_(Step(late, ("here",)), tmp_path, {})

    assert attempt.problem == ""
    assert (tmp_path / "n").read_text() == "x\nx\n"


def test_the_examples_are_listed_by_name_and_title(capsys: pytest.CaptureFixture[str]) -> None:
    tour.show()

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ALL)
    assert lines[0].split(maxsplit=1) == ["01-pod", "A pod"]


def test_an_unknown_example_and_a_missing_folder_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as unknown:
        tour.play("05-livenes", None)
    with pytest.raises(KubiaError) as missing:
        tour.examples(tmp_path)

    assert "no example '05-livenes'" in str(unknown.value)
    assert "`kubia tour` lists them" in str(unknown.value)
    assert "they are in kubia's repository" in str(missing.value)


def played(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, down: str, *words: str
) -> int:
    """Run the tour of one example, of one command; the exit code."""
    example = Example(tmp_path / "01-own", f"# Own\n\n```console\n$ {command}\n```\n")
    example.folder.mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(tour, "examples", lambda: [example])
    monkeypatch.setattr(tour, "DOWN", down)
    return kubia(monkeypatch, *words, "tour", "own")


@pytest.mark.parametrize(
    ("command", "words", "variable", "last"),
    [
        ("true", ("--context", "kind-x"), "", ""),
        ("exit 5", (), "kind-x", "error: `exit 5` ended with 5\n"),
    ],
)
def test_what_is_left_of_an_example_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    command: str,
    words: tuple[str, ...],
    variable: str,
    last: str,
) -> None:
    down = "echo no answer; exit 3"
    monkeypatch.setenv("KUBIA_CONTEXT", variable)

    assert played(monkeypatch, tmp_path, command, down, *words) == 1
    (folder,) = tmp_path.glob("temporary/kubia-tour-*/01-own")
    assert capsys.readouterr().err == (
        "no answer\n"
        f"{'' if last else 'error: '}what the example made may still be in the cluster, "
        f"for `{down}` ended with 3: mend that, then `{down} --context kind-x -C {folder}` "
        f"deletes it.\n{last}"
    )


def test_an_example_means_the_cluster_that_is_meant_from_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBIA_CONTEXT", "prod")
    monkeypatch.setenv("KUBIA_STACK", "prod")
    monkeypatch.setenv("KUBECONFIG", "own::/other")
    monkeypatch.setenv("KUBIA_STATE", "state")
    said = "echo $KUBIA_CONTEXT $KUBIA_STACK $KUBECONFIG $KUBIA_STATE"

    assert played(monkeypatch, tmp_path, said, "true", "--context", "kind-x") == 0
    shown = f"kind-x dev {tmp_path}/own:/other {tmp_path}/state"
    assert shown in capsys.readouterr().out.splitlines()
    assert list((tmp_path / "temporary").iterdir()) == []
