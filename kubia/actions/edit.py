"""Edits of a stack's own files: shown, previewed, asked about, and then brought up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kubia import console
from kubia.actions.engine import Engine
from kubia.actions.up import bring_up
from kubia.observe.monitor import RolloutMonitor
from kubia.project import edits, kept, stackfile
from kubia.project.edits import Edit, Files
from kubia.releases import site_files
from kubia.releases.record import UpOptions


@dataclass(frozen=True)
class Change:
    """What a stack shall declare: its file's content, and the files of its sites' directories.

    `files` are those to write (None: to delete) so that the directories hold `sites`. Of the files
    that this changes, `unsaved` hold what nobody else has: they are kept aside.
    """

    document: Mapping[str, Any]
    sites: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Files = field(default_factory=dict)
    unsaved: frozenset[Path] = frozenset()


def carry_out(engine: Engine, change: Change, options: UpOptions, *, yes: bool) -> None:
    """Let the stack declare something else, and bring it up.

    The preview is shown first. No file is written before the user agrees, nor before it is known
    in the cluster; and they are put back where the `up` ends before it has changed anything.

    Raises:
        InvalidError: there is nobody to ask and `yes` is not given, or the engine cannot do it.
        ChangedError: somebody else has changed one of the files since it was read.

    """
    engine.check(options)
    stack = engine.session.stack
    if not yes:
        console.refuse_unasked()
    edit = Edit.of(change.files)
    if change.document != stack.document:
        edit = edit.and_(Edit.of_document(stack.file, stack.document, change.document))
    for line in edits.summary(edit.after, edit.before, stack.project.root):
        console.out(line)
    unsaved = change.unsaved.intersection(path.resolve() for path in edit.after)
    if unsaved:
        names = ", ".join(sorted(path.name for path in unsaved))
        console.err(f"neither git nor a release has these files as they are: {names}")
    # The program reads directories, whose files are not written yet: they are inlined.
    document = site_files.inlined(change.document, stack.project.name, change.sites)
    meant = stackfile.of_document(stack.project, stack.name, stack.file, document)
    edited = engine.declaring(meant)
    edited.preview(
        force_conflicts=options.force_conflicts, as_json=False, again=options.takes_rejected
    )
    if not yes:
        console.confirm("Go ahead?")
    edit.check()
    if unsaved:
        console.err(f"they are kept in {kept.aside(stack.project.root, unsaved)}")
    bring_up(edited, replace(options, previewed=True), RolloutMonitor(), edit)
