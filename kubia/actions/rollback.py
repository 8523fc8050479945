"""`kubia rollback`: declare again what an earlier release declared."""

from collections.abc import Sequence

from kubia import console
from kubia.actions.edit import carry_out
from kubia.actions.engine import Engine
from kubia.actions.history import chosen
from kubia.errors import KubiaError
from kubia.releases import release, site_files
from kubia.releases.record import UpOptions
from kubia.releases.release import Release


def rollback(engine: Engine, number: int | None, *, force_conflicts: bool, yes: bool) -> None:
    """Change the stack file back to what a release declared, and bring it up as a new release.

    Without a `number` it is the last good one before.

    Raises:
        InvalidError: there is no release with this number.
        KubiaError: there is no good release to go back to.

    """
    history = engine.history()
    back = _last_good(history) if number is None else chosen(history, number)
    console.err(f"back to release {back.number} ({back.time}, {back.cause})")
    if back.sites is None:
        console.err("its site directories are not kept: put their files back from version control")
    files = site_files.restoring(engine.session.stack.project.root, back.sites or {})
    options = UpOptions(
        force_conflicts=force_conflicts,
        cause=f"rollback to {back.number}",
        rollback_to=back.number,
    )
    carry_out(engine, engine.document(back), options, yes=yes, files=files)


def _last_good(history: Sequence[Release]) -> Release:
    back = release.previous(history)
    if back is None:
        message = (
            "there is no good release before the last one to go back to: "
            "`kubia history` shows all; name one by --to."
        )
        raise KubiaError(message)
    return back
