"""The directories that a stack's sites are made of: kept with a release, and put back."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kubia.errors import InvalidError
from kubia.project.stackfile import Stack

Directories = dict[str, dict[str, str]]
"""Files in base64, by name, by directory as the stack file names it."""


def of_stack(stack: Stack) -> Directories:
    """Return the files of all directories that the stack's sites name."""
    return {
        directory: {
            path.name: base64.b64encode(path.read_bytes()).decode()
            for path in sorted((stack.project.root / directory).iterdir())
            if path.is_file()
        }
        for directory in sorted(set(_named(stack.document, stack.project.name)))
        if (stack.project.root / directory).is_dir()
    }


def restoring(root: Path, kept: Mapping[str, Mapping[str, str]]) -> dict[Path, bytes | None]:
    """Return the files to write (None: to delete) so that the directories hold what they held.

    Raises:
        InvalidError: a directory or file lies outside of the project's folder. What is kept comes
            from the cluster, where others may write.

    """
    wanted: dict[Path, bytes | None] = {}
    for directory, files in kept.items():
        folder = (root / directory).resolve()
        strange = [name for name in files if name in {"", ".", ".."} or "/" in name]
        if not folder.is_relative_to(root.resolve()) or folder == root.resolve() or strange:
            problem = (
                f"the release names the site directory {directory!r} "
                f"{f'with the file {strange[0]!r} ' if strange else ''}outside of {root}: "
                "nothing is written there; put the files back by hand and run `kubia up`."
            )
            raise InvalidError((problem,))
        there = (
            {path.name for path in folder.iterdir() if path.is_file()} if folder.is_dir() else ()
        )
        wanted |= dict.fromkeys((folder / name for name in set(there) - files.keys()), None)
        for name, text in files.items():
            data = base64.b64decode(text)
            path = folder / name
            if not path.is_file() or path.read_bytes() != data:
                wanted[path] = data
    return wanted


def inlined(
    document: Mapping[str, Any], project: str, kept: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return the stack file's content with the files themselves in place of their directories."""
    config = dict(document.get("config") or {})
    key = next((key for key in _keys(project) if key in config), None)
    if key is None:
        return {**document, "config": config}
    config[key] = {name: _inlined(site, kept) for name, site in config[key].items()}
    return {**document, "config": config}


def _inlined(site: Mapping[str, Any], kept: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    files = kept.get(str(site.get("directory")))
    if files is None:
        return dict(site)
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for name, encoded in files.items():
        try:
            text[name] = base64.b64decode(encoded).decode()
        except UnicodeDecodeError:
            binary[name] = encoded
    rest = {name: value for name, value in site.items() if name != "directory"}
    rest["content"] = {**text, **site.get("content", {})}
    rest["binaryContent"] = {**binary, **site.get("binaryContent", {})}
    return rest


def _keys(project: str) -> tuple[str, str]:
    return f"{project}:sites", "sites"


def _named(document: Mapping[str, Any], project: str) -> Iterator[str]:
    config = document.get("config") or {}
    for key in _keys(project):
        for site in (config.get(key) or {}).values():
            if isinstance(site, dict) and isinstance(site.get("directory"), str):
                yield site["directory"]
