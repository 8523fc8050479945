"""`kubia rollback`: declare again what an earlier release declared."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from kubia import console
from kubia.actions import change
from kubia.cli import options
from kubia.cli.history import chosen, of_session
from kubia.errors import KubiaError
from kubia.releases import release, site_files
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Engine, Session, open_session


def rollback(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    to: Annotated[
        int | None,
        typer.Option("--to", help="The release's number; default: the last good one before."),
    ] = None,
    force: options.Force = False,  # noqa: FBT002 (typer's way to write a flag)
    yes: options.Yes = False,  # noqa: FBT002
) -> None:
    """Change the stack file back to what a release declared, and bring it up as a new release.

    The preview comes first; if it is declined, the stack file is left as it was.
    """
    session = open_session(cwd, stack, engine, context)
    session.tell()
    found = of_session(session)
    back = _last_good(found) if to is None else chosen(found, to)
    console.err(f"back to release {back.number} ({back.time}, {back.cause})")
    if back.sites is None:
        console.err("its site directories are not kept: put their files back from version control")
    files = site_files.restoring(session.stack.project.root, back.sites or {})
    wish = UpOptions(
        force_conflicts=force, cause=f"rollback to {back.number}", rollback_to=back.number
    )
    change.carry_out(session, _document(session, back), wish, yes=yes, files=files)


def _last_good(releases: Sequence[Release]) -> Release:
    back = release.previous(releases)
    if back is None:
        message = (
            "there is no good release before the last one to go back to: "
            "`kubia history` shows all; name one by --to."
        )
        raise KubiaError(message)
    return back


def _document(session: Session, back: Release) -> dict[str, Any]:
    """Return what the stack file shall hold."""
    if session.engine == "kubectl":
        return dict(back.document)
    # Pulumi's history opens secrets or hides them, so these stay as the file has them.
    kept = {
        key: value
        for key, value in session.stack.document.get("config", {}).items()
        if key in session.stack.secret_keys
    }
    return {**session.stack.document, "config": {**back.document["config"], **kept}}
