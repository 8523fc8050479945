"""kubia.program.run: a Pulumi program in this process, in its own folder, until it ends."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from kubia.errors import InvalidError
from kubia.program import run as program_run
from kubia.program.run import Program, ProgramError


def run(main: Callable[[], Any], **options: Any) -> Program:
    return program_run.run(main, "shop", "dev", **options)


def problems(main: Callable[[], Any], **options: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidError) as caught:
        run(main, **options)
    return caught.value.problems


def config_map(name: str, **data: Any) -> k8s.core.v1.ConfigMap:
    return k8s.core.v1.ConfigMap(name, metadata={"name": name, "namespace": "shop"}, data=data)


def test_config_and_its_secret_keys_reach_the_program() -> None:
    def main() -> None:
        config = pulumi.Config()
        pulumi.export("size", config.require_int("size"))
        pulumi.export("names", config.require_object("names"))
        pulumi.export("word", config.get_secret("word"))

    done = run(
        main,
        config={"shop:size": 3, "shop:names": ["a"], "shop:word": "w"},
        secret_keys=["shop:word"],
    )

    assert done.outputs == {"names": ["a"], "size": 3, "word": "w"}
    assert done.secret_outputs == {"word"}


def test_the_same_program_is_registered_in_the_same_order() -> None:
    def main() -> None:
        first = config_map("z")
        config_map("b", of=first.metadata["name"])
        for name in "yxa":
            config_map(name)

    names = [[resource.name for resource in run(main).resources] for _ in range(3)]

    assert names[0] == names[1] == names[2]


def test_gives_up_on_a_future_that_never_resolves_and_names_who_waits() -> None:
    def main() -> None:
        never: asyncio.Future[str] = asyncio.get_event_loop().create_future()
        config_map("a", value=never)

    assert problems(main, deadline=0.5) == (
        (
            "the program did not end: after 0.5 s without progress it still waits for "
            "resource 'a' (kubernetes:core/v1:ConfigMap); look for a future or an apply that never "
            "resolves."
        ),
    )


def test_names_a_few_of_many_that_wait() -> None:
    def main() -> None:
        never: asyncio.Future[str] = asyncio.get_event_loop().create_future()
        for number in range(7):
            config_map(f"a{number}", value=never)

    (problem,) = problems(main, deadline=0.5)
    assert "resource 'a4' (kubernetes:core/v1:ConfigMap) and 2 more; look for" in problem


def test_does_not_give_up_on_a_program_that_is_at_work() -> None:
    """Before the first resource is registered a busy machine may let hardly anything happen."""

    async def working() -> str:
        for _ in range(20):
            time.sleep(0.02)  # noqa: ASYNC251 - as a thread fares that others keep from the processor
            await asyncio.sleep(0)
        return "done"

    def main() -> None:
        config_map("a", value=asyncio.ensure_future(working()))

    done = run(main, deadline=0.05)
    assert [each.name for each in done.resources][-1:] == ["a"]


def test_a_bug_in_the_program_shows_its_own_frames(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("def broken():\n    return {}['no']\n\nbroken()\n")

    with pytest.raises(ProgramError) as caught:
        program_run.run_file(tmp_path, "shop", "dev")

    text = str(caught.value)
    assert text.startswith("the program failed: KeyError: 'no'\n")
    assert "__main__.py" in text
    assert "runpy" not in text


def test_a_mistake_of_the_user_shows_no_traceback() -> None:
    def main() -> None:
        raise pulumi.RunError("replicas is -1")  # noqa: EM101, TRY003 - found by its text

    with pytest.raises(ProgramError) as caught:
        run(main)

    assert str(caught.value) == "replicas is -1"


def test_prints_of_the_program_go_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "__main__.py").write_text("print('hello')\n")

    program_run.run_file(tmp_path, "shop", "dev")

    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize("code", ["", "0", "'no such region'"])
def test_a_program_that_leaves_by_itself_has_failed(tmp_path: Path, code: str) -> None:
    (tmp_path / "__main__.py").write_text(f"import sys\nsys.exit({code})\n")

    with pytest.raises(ProgramError) as caught:
        program_run.run_file(tmp_path, "shop", "dev")

    assert str(caught.value) == f"the program left by sys.exit({code or None}) before its end."


def test_frames_are_its_own_wherever_the_project_is(tmp_path: Path) -> None:
    root = tmp_path / "site-packages/shop"
    root.mkdir(parents=True)
    (root / "__main__.py").write_text("1 / 0\n")

    with pytest.raises(ProgramError) as caught:
        program_run.run_file(root, "shop", "dev")

    assert "__main__.py" in str(caught.value)
