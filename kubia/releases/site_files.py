"""The directories that a stack's sites are made of: kept with a release, and put back."""

import base64
import copy
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from kubia.errors import InvalidError
from kubia.manifests import site_folder
from kubia.project import contract
from kubia.project.contract import Site
from kubia.project.edits import Files
from kubia.project.stackfile import Stack

Directories = dict[str, dict[str, str]]
"""Files in base64, by path, by directory as the stack file names it."""


def of_stack(stack: Stack) -> Directories:
    """Return the files of all directories that the stack's sites name."""
    root = stack.project.root
    sites = contract.sites(stack.document, stack.project.name).values()
    named = [site.get("directory") for site in sites]
    return {
        directory: {
            path: base64.b64encode(file.read_bytes()).decode()
            for path, file in site_folder.files(root / directory).items()
        }
        for directory in sorted({item for item in named if isinstance(item, str)})
        if (root / directory).is_dir()
    }


def restoring(root: Path, kept: Mapping[str, Mapping[str, str]]) -> Files:
    """Return the files to write (None: to delete) so that the directories hold what they held.

    Raises:
        InvalidError: a directory or file lies outside of the project's folder. What is kept comes
            from the cluster, where others may write.

    """
    edits: Files = {}
    for directory, files in kept.items():
        folder = _inside(root, directory, files)
        present = site_folder.files(folder) if folder.is_dir() else {}
        edits |= dict.fromkeys((present[path] for path in present.keys() - files.keys()), None)
        for name, text in files.items():
            data = base64.b64decode(text)
            path = folder / name
            if not path.is_file() or path.read_bytes() != data:
                edits[path] = data
    return edits


def _inside(root: Path, directory: str, names: Collection[str]) -> Path:
    """Return the directory's path; refuse one that, or whose files, lie outside of `root`."""
    folder = (root / directory).resolve()
    strange = [name for name in names if not _stays(folder, name)]
    if not folder.is_relative_to(root.resolve()) or folder == root.resolve() or strange:
        problem = (
            f"the release names the site directory {directory!r} "
            f"{f'with the file {strange[0]!r} ' if strange else ''}outside of {root}: "
            "nothing is written there; put the files back by hand and run `kubia up`."
        )
        raise InvalidError([problem])
    return folder


def _stays(folder: Path, name: str) -> bool:
    """Return whether a path leads to a file in the folder, and through no link out of it."""
    path = folder / name
    return ".." not in path.parts and path != folder and path.resolve().is_relative_to(folder)


def inlined(
    document: Mapping[str, Any], project: str, kept: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return the stack file's content with the files themselves in place of their directories."""
    content = copy.deepcopy(dict(document))
    for site in contract.sites(content, project).values():
        if site.get("directory") in kept:
            _inline(site, kept[site["directory"]])
    return content


def _inline(site: Site, files: Mapping[str, str]) -> None:
    """Let the site hold the files of its directory; what it holds itself comes first."""
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for name, encoded in files.items():
        try:
            text[name] = base64.b64decode(encoded).decode()
        except UnicodeDecodeError:
            binary[name] = encoded
    del site["directory"]
    site["content"] = {**text, **site.get("content", {})}
    site["binaryContent"] = {**binary, **site.get("binaryContent", {})}
