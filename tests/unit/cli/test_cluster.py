"""`kubia cluster`: what is said where there is no cluster of the name."""

from pathlib import Path

import pytest

from tests.unit.cli.running import kubia

REFUSED = "error: --name: there is no cluster "
HINT = "did you mean 'work'?"


@pytest.mark.parametrize(
    ("name", "there", "code", "said"),
    [
        ("kubia", "", 0, ("there is no cluster kubia\n", "")),
        ("nope", "", 2, ("", f"{REFUSED}'nope': there are none.\n")),
        ("wok", "kubia work", 2, ("", f"{REFUSED}'wok': there are kubia, work; {HINT}\n")),
        ("x", "a", 2, ("", f"{REFUSED}'x': there are a.\n")),
    ],
)
def test_a_cluster_that_there_never_was_is_not_said_to_be_gone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    there: str,
    code: int,
    said: tuple[str, str],
) -> None:
    monkeypatch.setenv("KUBIA_STATE", str(tmp_path))
    for each in there.split():
        folder = tmp_path / "clusters" / each
        folder.mkdir(parents=True)
        (folder / "cluster.json").touch()

    assert kubia(monkeypatch, "cluster", "down", "--name", name) == code
    assert capsys.readouterr() == said
    assert sorted(each.name for each in tmp_path.glob("clusters/*")) == there.split()
