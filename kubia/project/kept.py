"""Keeps files aside that are about to be overwritten, where nobody else has what they hold."""

import datetime as dt
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

FOLDER = ".kubia"
"""The folder of the project that files are kept in; git ignores it."""


def aside(root: Path, files: Iterable[Path]) -> Path:
    """Copy files into a folder of this moment; return it."""
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    folder = root / FOLDER / now
    for path in files:
        real, top = path.resolve(), root.resolve()
        copy = folder / (real.relative_to(top) if real.is_relative_to(top) else real.name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    (root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder


def uncommitted(root: Path, paths: Iterable[Path]) -> set[Path]:
    """Return those of the existing files that git does not hold as they are.

    Without git, or outside of a repository, these are all of them.
    """
    files = {path.resolve() for path in paths if path.is_file()}
    if not files:
        return set()
    top = _git(root, "rev-parse", "--show-toplevel")
    flags = ("--porcelain", "-z", "--no-renames", "--ignored", "--untracked-files=all")
    status = _git(root, "status", *flags, "--", *map(str, sorted(files)))
    if top is None or status is None:
        return files
    named = {Path(top.strip(), entry[3:]) for entry in status.split("\0") if entry}
    # Of an ignored folder git names nothing but the folder itself.
    return {path for path in files if named.intersection((path, *path.parents))}


def _git(root: Path, *args: str) -> str | None:
    """Return what git prints; None if there is no git, or it cannot."""
    command = ["git", "--no-optional-locks", "-C", str(root), *args]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
