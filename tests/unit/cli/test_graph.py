"""`kubia graph`: on the terminal, or into a file."""

from pathlib import Path

import pytest

from kubia.cli import graph as command
from tests.unit.programs import ROOT


def test_long_names_are_as_wide_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "n" * 200
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {shop:contexts: [fake]}\n")
    code = f'import pulumi\npulumi.ComponentResource("shop:index:Site", "{long}")\n'
    (tmp_path / "__main__.py").write_text(code)
    monkeypatch.setenv("COLUMNS", "40")

    command.graph(cwd=tmp_path)

    assert capsys.readouterr().out == f"Stack shop-dev\n└── Site {long}\n"


@pytest.mark.parametrize("suffix", [".svg", ".png", ".html", ".mmd"])
def test_a_file_is_written_where_the_user_stands(
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    command.graph(out=Path(f"dev{suffix}"), cwd=ROOT)

    assert (tmp_path / f"dev{suffix}").stat().st_size > 500
    assert capsys.readouterr() == ("", f"21 resources in {tmp_path}/dev{suffix}\n")
