"""`kubia up`: bring a stack up, seen from outside meanwhile if that is asked for."""

from pathlib import Path

from kubia import console
from kubia.actions import afterwards, outputs
from kubia.actions import engine as engines
from kubia.actions.engine import Engine
from kubia.observe.monitor import RolloutMonitor, monitored
from kubia.project.edits import NOTHING, Edit
from kubia.releases.record import UpOptions
from kubia.session import Session


def up(
    session: Session, options: UpOptions, url: str | None, picture: Path | None, most: float
) -> None:
    """Bring the stack up; ask `url` meanwhile, and draw what was seen into `picture`.

    A share of errors above `most` fails the release.
    """
    with monitored(session, url, picture, most) as monitor:
        bring_up(engines.of(session), options, monitor)
    afterwards.show_commands(session)


def bring_up(
    engine: Engine, options: UpOptions, monitor: RolloutMonitor, edit: Edit = NOTHING
) -> None:
    """Bring the stack up, once its files are edited, and print its outputs."""
    exported = engine.up(options, monitor, edit)
    if exported:
        console.out("outputs:")
        outputs.show(exported)
        afterwards.show_where_it_answers(engine.session, exported)
