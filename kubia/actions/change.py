"""Changes to a stack's own files: shown, asked about, brought up, or put back as they were."""

import difflib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from kubia import console
from kubia.actions import kubectl, outputs, pulumi
from kubia.apply import text
from kubia.errors import InvalidError
from kubia.observe.monitor import RolloutMonitor
from kubia.project import stackfile, yamledit
from kubia.releases.record import UpOptions
from kubia.session import Session

Files = dict["Path", bytes | None]
"""What files shall hold; None: they shall not be there."""


def bring_up(session: Session, wish: UpOptions, watch: RolloutMonitor | None = None) -> None:
    """Bring the stack up by the session's engine and print its outputs."""
    watch = watch or RolloutMonitor()
    if session.engine == "pulumi":
        told = pulumi.up(session, wish, watch)
    else:
        told = outputs.of_program(kubectl.up(session, wish, watch))
    if told:
        console.out("outputs:")
        outputs.tell(told)
        outputs.tell_where_to_look(told)


def tell_preview(session: Session) -> None:
    """Print what `up` would change."""
    if session.engine == "pulumi":
        pulumi.preview(session, as_json=False)
        return
    for line in text.lines(kubectl.preview(session, force=False)):
        console.out(console.coloured(line))


def carry_out(
    session: Session,
    document: Mapping[str, Any],
    wish: UpOptions,
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
    file = session.stack.file
    if not yes and not sys.stdin.isatty():
        raise InvalidError(("there is no terminal to ask on: give --yes to go ahead.",))
    wanted: Files = {**(files or {})}
    if document != session.stack.document:
        wanted[file] = yamledit.edited(file, document).encode()
    before: Files = {path: path.read_bytes() if path.is_file() else None for path in wanted}
    for line in _told(wanted, before, session.stack.project.root):
        console.out(line)
    agreed = False
    try:
        _write(wanted)
        found = stackfile.stack(session.stack.project, session.stack.name)
        after = replace(session, stack=found)
        tell_preview(after)
        if not yes:
            typer.confirm("Go ahead?", abort=True, err=True)
        agreed = True
    finally:
        if not agreed:
            _write(before)
    bring_up(after, replace(wish, previewed=True))


def _write(files: Files) -> None:
    for path, data in files.items():
        if data is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.kubia")
        fresh.write_bytes(data)
        fresh.replace(path)


def _told(wanted: Files, before: Files, root: Path) -> Iterator[str]:
    """Return how the files change: a diff of the stack file, the names of all others."""
    for path, data in wanted.items():
        name = str(path.relative_to(root)) if path.is_relative_to(root) else path.name
        old = before[path]
        if data is None or old is None or path.suffix != ".yaml":
            yield f"{name} {'is deleted' if data is None else 'is written'}"
            continue
        texts = (old.decode().splitlines(), data.decode().splitlines())
        yield from difflib.unified_diff(*texts, name, name, n=1, lineterm="")
