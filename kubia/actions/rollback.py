"""`kubia rollback`: declare again what an earlier release declared."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kubia import console
from kubia.actions.edit import Change, carry_out
from kubia.actions.engine import Engine
from kubia.actions.history import chosen
from kubia.errors import InvalidError, KubiaError
from kubia.project import kept, sealed
from kubia.project.edits import Files
from kubia.project.stackfile import Stack
from kubia.releases import ledger, site_files
from kubia.releases.record import UpOptions
from kubia.releases.release import Release


def rollback(
    engine: Engine,
    number: int | None,
    *,
    force_conflicts: bool,
    yes: bool,
    with_secrets: bool = False,
    again: bool = False,
) -> None:
    """Change the stack file back to what a release declared, and bring it up as a new release.

    Without a `number` it is the last good one before. Secrets stay as they are, unless they are
    asked for, too. What failed, was undone or rolled back from is refused, unless it is asked for
    `again`.

    Raises:
        InvalidError: there is no release with this number, or it is no good one.
        KubiaError: there is no good release to go back to.

    """
    history = engine.history()
    back = _goal(history, number, again=again)
    console.err(f"back to release {back.number} ({back.time}, {back.cause})")
    if back.sites is None:
        console.err("its site directories are not kept: put their files back from version control")
    stack = engine.session.stack
    document = engine.document(back)
    if not with_secrets:
        document = _keeping_secrets(stack, document)
    document, gone = sealed.of_its_owners(document, stack.project.name)
    if gone:
        names = ", ".join(gone)
        console.err(f"with services and tasks that the release had not go their secrets: {names}")
    files = site_files.restoring(stack.project.root, back.sites or {})
    options = UpOptions(
        force_conflicts=force_conflicts,
        cause=f"rollback to {back.number}",
        rollback_to=back.number,
        decided_at=history[-1].number,
        keeps_secrets=document != engine.document(back),
    )
    change = Change(document, back.sites or {}, files, _unsaved(stack, files, history))
    carry_out(engine, change, options, yes=yes)


def _goal(history: Sequence[Release], number: int | None, *, again: bool) -> Release:
    if number is None:
        back = ledger.previous(history)
        if back is not None:
            return back
        message = (
            "there is no good release before the last one to go back to: "
            "`kubia history` shows all; name one by --to."
        )
        raise KubiaError(message)
    back = chosen(history, number)
    if again or ledger.is_good(history, back):
        return back
    good = [str(item.number) for item in history if ledger.is_good(history, item)]
    problem = (
        f"--to {back.number}: release {back.number} is no good one, its state is {back.state!r}: "
        f"good ones are {', '.join(good) or 'none'}; go to it all the same by --again."
    )
    raise InvalidError([problem])


def _keeping_secrets(stack: Stack, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with the secrets that the stack file has now, and say which differ."""
    merged, secrets = sealed.kept(stack.document, document, stack.project.name)
    if secrets.differing:
        console.err(
            f"secrets stay as {stack.file.name} has them now, and not as the release had them: "
            f"{', '.join(secrets.differing)} (--with-secrets takes the release's)"
        )
    if secrets.returning:
        console.err(f"with what was removed its secrets come back: {', '.join(secrets.returning)}")
    return merged


def _unsaved(stack: Stack, files: Files, history: Sequence[Release]) -> frozenset[Path]:
    """Return the files that neither git nor a release holds as they are now."""
    root = stack.project.root.resolve()
    known = {
        (root / directory / name).resolve(): base64.b64decode(text)
        for item in history
        for directory, names in (item.sites or {}).items()
        for name, text in names.items()
    }
    paths = {path for path in files if path.is_file() and known.get(path) != path.read_bytes()}
    if all(item.document != stack.document for item in history):
        paths.add(stack.file)
    return frozenset(kept.uncommitted(root, paths))
