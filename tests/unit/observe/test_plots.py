"""kubia.observe.plots: which files can be drawn, and what is missing where they cannot."""

import importlib.util
from pathlib import Path

import pytest

from kubia.observe import plots


def test_without_matplotlib_the_way_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    path = tmp_path / "a.svg"

    problem = (
        f"--timeline {path}: pictures are drawn by matplotlib, which is not installed: "
        "pip install 'matplotlib>=3.10'."
    )
    assert list(plots.problems("--timeline", path)) == [problem]
    assert list(plots.problems("--out", tmp_path / "a.mmd", (*plots.FORMATS, ".mmd"))) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.pdf", "must end in .svg, .png or .html."),
        ("folder.svg", "is a folder; name a file."),
        ("nowhere/a.svg", "there is no folder {folder}/nowhere; make it first."),
    ],
)
def test_a_file_that_cannot_be_drawn_is_refused_beforehand(
    tmp_path: Path, name: str, problem: str
) -> None:
    (tmp_path / "folder.svg").mkdir()
    path = tmp_path / name
    expected = f"--timeline {path}: {problem.format(folder=tmp_path)}"
    assert list(plots.problems("--timeline", path)) == [expected]
