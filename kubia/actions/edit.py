"""Edits of a stack's own files: shown, asked about, brought up, or put back as they were."""

import difflib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from kubia import console
from kubia.actions.engine import Engine
from kubia.actions.up import bring_up
from kubia.errors import InvalidError
from kubia.observe.monitor import RolloutMonitor
from kubia.project import stackfile, yamledit
from kubia.releases.record import UpOptions

Files = dict[Path, bytes | None]
"""What files shall hold; None: they shall not be there."""


def carry_out(
    engine: Engine,
    document: Mapping[str, Any],
    options: UpOptions,
    *,
    yes: bool,
    files: Files | None = None,
) -> None:
    """Let the stack file declare `document`, and further `files` hold what they shall; bring it up.

    The preview is shown first; whoever declines, or is told there that it cannot be, finds all
    files as they were.

    Raises:
        InvalidError: there is nobody to ask and `yes` is not given.

    """
    stack = engine.session.stack
    if not yes and not sys.stdin.isatty():
        raise InvalidError(["there is no terminal to ask on: give --yes to go ahead."])
    after: Files = {**(files or {})}
    if document != stack.document:
        after[stack.file] = yamledit.edited(stack.file, document).encode()
    before: Files = {path: path.read_bytes() if path.is_file() else None for path in after}
    for line in _summary(after, before, stack.project.root):
        console.out(line)
    agreed = False
    try:
        _write(after)
        edited = engine.declaring(stackfile.stack(stack.project, stack.name))
        edited.preview(force_conflicts=False, as_json=False)
        if not yes:
            typer.confirm("Go ahead?", abort=True, err=True)
        agreed = True
    finally:
        if not agreed:
            _write(before)
    bring_up(edited, replace(options, previewed=True), RolloutMonitor())


def _write(files: Files) -> None:
    for path, data in files.items():
        if data is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.kubia")
        fresh.write_bytes(data)
        fresh.replace(path)


def _summary(after: Files, before: Files, root: Path) -> Iterator[str]:
    """Return how the files change: a diff of the stack file, the names of all others."""
    for path, data in after.items():
        name = str(path.relative_to(root)) if path.is_relative_to(root) else path.name
        old = before[path]
        if data is None or old is None or path.suffix != ".yaml":
            yield f"{name} {'is deleted' if data is None else 'is written'}"
            continue
        texts = (old.decode().splitlines(), data.decode().splitlines())
        yield from difflib.unified_diff(*texts, name, name, n=1, lineterm="")
