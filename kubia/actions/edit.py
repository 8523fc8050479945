"""Edits of a stack's own files: shown, asked about, brought up, or put back as they were."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import typer

from kubia import console
from kubia.actions.engine import Engine
from kubia.actions.up import bring_up
from kubia.errors import InvalidError
from kubia.observe.monitor import RolloutMonitor
from kubia.project import edits, stackfile, yamledit
from kubia.project.edits import Files
from kubia.releases.record import UpOptions


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
        InvalidError: there is nobody to ask and `yes` is not given, or the engine cannot do it.

    """
    engine.check(options)
    stack = engine.session.stack
    if not yes and not sys.stdin.isatty():
        raise InvalidError(["there is no terminal to ask on: give --yes to go ahead."])
    after: Files = {**(files or {})}
    if document != stack.document:
        after[stack.file] = yamledit.edited(stack.file, document).encode()
    before = edits.snapshot(after)
    for line in edits.summary(after, before, stack.project.root):
        console.out(line)
    agreed = False
    try:
        edits.write(after)
        edited = engine.declaring(stackfile.stack(stack.project, stack.name))
        edited.preview(force_conflicts=False, as_json=False)
        if not yes:
            typer.confirm("Go ahead?", abort=True, err=True)
        agreed = True
    finally:
        if not agreed:
            edits.write(before)
    bring_up(edited, replace(options, previewed=True), RolloutMonitor())
