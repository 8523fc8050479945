"""The tour: examples whose READMEs say what to type, and what one sees then."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from kubia import cluster, console, context
from kubia.errors import InvalidError, KubiaError, did_you_mean

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 120.0
"""Seconds until what a README says is seen: a restart, or the next minute of a CronJob."""
PATHS = ("KUBECONFIG", "KUBIA_STATE", "KUBIA_CACHE", "PATH", "PYTHONPATH")
"""Variables that hold paths, which may be relative to the user's folder."""
DOWN = "kubia down --yes --delete-namespace"
_CONSOLE = re.compile(r"^```console\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"\s+# (.*)$")
_READS = re.compile(r"kubectl (get|logs|describe|exec)\b")


@dataclass(frozen=True)
class Step:
    """A command, and lines of its output in their order; `…` stands for anything."""

    command: str
    lines: tuple[str, ...] = ()
    fails: bool = False
    """Whether it ends with another exit code than 0."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that it may be repeated until it shows what it should."""
        return bool(_READS.search(self.command))

    def missing(self, output: str) -> str:
        """Return the first of the lines that the output does not show, or ""."""
        shown = iter([" ".join(line.split()) for line in output.splitlines()])
        for line in self.lines:
            if not any(_pattern(line).fullmatch(each) for each in shown):
                return line
        return ""


@dataclass(frozen=True)
class Attempt:
    """What a step printed, and why that is not what the README says, or ""."""

    output: str
    problem: str


@dataclass(frozen=True)
class Example:
    """A program, and its README."""

    folder: Path
    text: str

    @property
    def name(self) -> str:
        """The folder's name, such as `05-liveness`."""
        return self.folder.name

    @property
    def title(self) -> str:
        """The README's first line."""
        return self.text.partition("\n")[0].removeprefix("# ")

    @property
    def parts(self) -> Iterator[str | Step]:
        """The README in its order: what it says, and the steps of its console blocks."""
        for number, part in enumerate(_CONSOLE.split(self.text)):
            if number % 2 == 0:
                yield part.strip()
                continue
            for step in re.split(r"^\$ ", part, flags=re.MULTILINE)[1:]:
                first, *lines = step.splitlines()
                comment = _COMMENT.search(first)
                fails = bool(comment and comment[1].startswith("fails"))
                yield Step(_COMMENT.sub("", first), tuple(filter(None, lines)), fails)

    @property
    def steps(self) -> list[Step]:
        """The steps alone."""
        return [part for part in self.parts if isinstance(part, Step)]


def examples(root: Path = EXAMPLES) -> list[Example]:
    """Return all of them, in the order in which one would learn them.

    Raises:
        KubiaError: they are not there, as kubia was installed without its repository.

    """
    found = sorted(root.glob("[0-9]*/README.md"))
    if not found:
        message = f"no examples in {root}: they are in kubia's repository; run the tour from there."
        raise KubiaError(message)
    return [Example(path.parent, path.read_text(encoding="utf-8")) for path in found]


def show() -> None:
    """Print what there is."""
    for example in examples():
        console.out(f"{example.name:<26}{example.title}")


def play(name: str, named: str | None) -> None:
    """Say and do what an example's README says, on a copy of it; take it down in the end.

    `named` is the context that the user gave.

    Raises:
        InvalidError: there is no such example.
        KubiaError: it did not go as the README says, or could not be taken down.

    """
    every = examples()
    example = next((each for each in every if name in _names(each)), None)
    if example is None:
        hint = did_you_mean(name, [each.name for each in every])
        advice = " ".join(filter(None, (hint, "`kubia tour` lists them.")))
        raise InvalidError([f"no example {name!r}: {advice}"])
    place = Path(tempfile.mkdtemp(prefix="kubia-tour-"), example.name)
    folder = Path(shutil.copytree(example.folder, place))
    environment = _environment(named)
    try:
        _play(example, folder, environment)
    except BaseException:
        if left := _take_down(folder, environment):
            console.err(left)
        raise
    if left := _take_down(folder, environment):
        raise KubiaError(left)


def _environment(named: str | None) -> dict[str, str]:
    """Return the variables that mean in an example's folder what the user's mean here.

    An example has a stack of its own, whatever the user's variable says.
    """
    absolute = {
        name: os.pathsep.join(
            str(Path(path).absolute()) for path in given.split(os.pathsep) if path
        )
        for name in PATHS
        if (given := os.environ.get(name))
    }
    chosen = {context.VARIABLE: named} if named else {}
    return {**absolute, **chosen, "KUBIA_STACK": "dev"}


def _take_down(folder: Path, environment: Mapping[str, str]) -> str:
    """Take an example down and remove its folder; return what is left if that fails, or ""."""
    done = run(DOWN, folder, environment)
    if done.returncode == 0:
        shutil.rmtree(folder.parent, ignore_errors=True)
        return ""
    console.err(done.stdout.rstrip())
    chosen = cluster.option(context.named(environment.get(context.VARIABLE)) or cluster.LOCAL)
    return (
        f"what the example made may still be in the cluster, for `{DOWN}` ended with "
        f"{done.returncode}: mend that, then `{DOWN}{chosen} -C {folder}` deletes it."
    )


def _play(example: Example, folder: Path, environment: Mapping[str, str]) -> None:
    for part in example.parts:
        if isinstance(part, str):
            console.out(f"\n{part}\n" if part else "")
            continue
        console.out(f"$ {part.command}")
        if sys.stdin.isatty():
            typer.prompt("Enter runs it", default="", show_default=False, err=True)
        attempt = try_(part, folder, environment)
        console.out(attempt.output.rstrip())
        if attempt.problem:
            raise KubiaError(attempt.problem)


def try_(
    step: Step, folder: Path, environment: Mapping[str, str], patience: float = PATIENCE
) -> Attempt:
    """Take a step; one that only reads is repeated until it shows what it should."""
    deadline = time.monotonic() + patience
    while True:
        done = run(step.command, folder, environment)
        line = step.missing(done.stdout)
        if not line and (done.returncode != 0) == step.fails:
            return Attempt(done.stdout, "")
        if not step.reads or time.monotonic() > deadline:
            ended = f"`{step.command}` ended with {done.returncode}"
            return Attempt(done.stdout, f"{ended}, without the line {line!r}." if line else ended)
        time.sleep(1)


def run(
    command: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command of a README, whose `kubia` is this one; its output is all that it prints."""
    variables = {**os.environ, **environment}
    own = os.pathsep.join((str(Path(sys.executable).parent), variables.get("PATH", "")))
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**variables, "PATH": own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _names(example: Example) -> set[str]:
    number, _, short = example.name.partition("-")
    return {example.name, number, short}


def _pattern(line: str) -> re.Pattern[str]:
    parts = (re.escape(" ".join(part.split())) for part in line.split("…"))
    return re.compile(r"\s*.*\s*".join(parts))
