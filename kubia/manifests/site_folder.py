"""Which files of a folder a site serves."""

import os
from collections.abc import Iterator
from pathlib import Path

from kubia.errors import Problem, refuse

WELL_KNOWN = ".well-known"
"""The one hidden folder that is meant for all to read (RFC 8615), at the top alone."""


def files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder and of all folders in it, by path from there, sorted.

    What is hidden is left out. A link is followed to what lies within the folder.

    Raises:
        InvalidError: every problem, each with its file.

    """
    every = dict(_walk(folder, folder.resolve(), ()))
    refuse(each for each in every.values() if isinstance(each, Problem))
    return {path: each for path, each in sorted(every.items()) if isinstance(each, Path)}


def contents(folder: Path) -> dict[str, bytes]:
    """Return what the files hold.

    Raises:
        InvalidError: every problem, each with its file.

    """
    every: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path, file in files(folder).items():
        try:
            every[path] = file.read_bytes()
        except OSError as error:
            problems.append(Problem((path,), f"cannot be read: {error.strerror}"))
    refuse(problems)
    return every


def _walk(
    folder: Path, root: Path, above: tuple[Path, ...], prefix: str = ""
) -> Iterator[tuple[str, Path | Problem]]:
    """Yield the files of a folder, whose path is `prefix`; those `above` hold it."""
    here = folder.resolve()
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        yield prefix, Problem((prefix,), f"cannot be read: {error.strerror}")
        return
    for entry in entries:
        path = f"{prefix}{entry.name}"
        if entry.name.startswith(".") and path != WELL_KNOWN:
            continue
        if wrong := _wrong(entry, root, (*above, here)):
            yield path, Problem((path,), wrong)
        elif entry.is_dir():
            yield from _walk(entry, root, (*above, here), f"{path}/")
        else:
            yield path, entry


def _wrong(entry: Path, root: Path, above: tuple[Path, ...]) -> str | None:
    """Return why what is in a folder cannot be served, if so."""
    real = Path(os.path.realpath(entry)) if entry.is_symlink() else entry
    if entry.is_symlink() and not real.is_relative_to(root):
        return f"is a link to {real}, which is outside of the folder; copy what it leads to"
    if real in above:
        return "is a link to a folder that holds it; remove it"
    if entry.is_dir() or entry.is_file():
        return None
    return "is a link to nothing; remove it" if entry.is_symlink() else "is no file; remove it"
