"""`kubia up`: bring a stack up, seen from outside meanwhile if that is asked for."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kubia import console
from kubia.actions import afterwards, outputs
from kubia.actions import engine as engines
from kubia.actions.engine import Engine
from kubia.observe.monitor import RolloutMonitor, monitored
from kubia.project import contract
from kubia.project.edits import NOTHING, Edit
from kubia.releases import text
from kubia.releases.record import UpOptions
from kubia.session import Session


def up(
    session: Session,
    options: UpOptions,
    url: str | None,
    picture: Path | None,
    most: float,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring the stack up; ask `url` meanwhile, and draw what was seen into `picture`.

    A share of errors above `most` fails the release. What changes in a protected stack is asked
    about, unless `yes`.

    Raises:
        InvalidError: the stack is protected, and there is nobody to ask.

    """
    engine = engines.of(session)
    with console.aside() if as_json else contextlib.nullcontext():
        if contract.is_protected(session.stack) and not yes:
            options = _agreed(engine, options)
        with monitored(session, url, picture, most) as monitor:
            exported = bring_up(engine, options, monitor)
        afterwards.show_commands(session)
    if as_json:
        console.out(json.dumps(_as_json(engine, exported), indent=2, ensure_ascii=False))


def _agreed(engine: Engine, options: UpOptions) -> UpOptions:
    """Show what would change, and go on only if nothing does or the user agrees."""
    engine.check(options)
    console.refuse_unasked()
    force, again = options.force_conflicts, options.takes_rejected
    if engine.preview(force_conflicts=force, as_json=False, again=again):
        session = engine.session
        console.confirm(f"Change the protected stack {session.stack.name} in {session.cluster}?")
    return replace(options, previewed=True)


def _as_json(engine: Engine, outputs: Mapping[str, Any]) -> dict[str, Any]:
    session = engine.session
    release = next(iter(engine.history()[-1:]), None)
    return {
        "stack": session.stack.name,
        "engine": session.engine,
        "context": session.context,
        "release": text.as_json(release) if release else None,
        "outputs": dict(outputs),
    }


def bring_up(
    engine: Engine, options: UpOptions, monitor: RolloutMonitor, edit: Edit = NOTHING
) -> dict[str, Any]:
    """Bring the stack up, once its files are edited; print its outputs, and return them."""
    exported = engine.up(options, monitor, edit)
    if exported:
        console.out("outputs:")
        outputs.show(exported)
        afterwards.show_where_it_answers(engine.session, exported)
    return exported
