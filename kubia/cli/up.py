"""`kubia up`: bring a stack into a cluster."""

from pathlib import Path
from typing import Annotated

import typer

from kubia.cli import options


def up(  # noqa: PLR0913 - the flags
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    force: options.Force = False,
    cause: options.Cause = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    again: Annotated[
        bool, typer.Option("--again", help="Bring up even what was undone or rolled back from.")
    ] = False,
    undo: Annotated[
        bool,
        typer.Option(
            "--undo-on-failure", help="If a rollout fails, bring the last good release back."
        ),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--probe-url",
            help="Meanwhile ask the Service at this http:// address: errors fail the release.",
        ),
    ] = None,
    most: options.MaxErrors = None,
    timeline: Annotated[
        Path | None,
        typer.Option(
            "--timeline", help="Draw answers and pods over time: FILE.svg, .png or .html."
        ),
    ] = None,
) -> None:
    """Bring the stack into the cluster and wait until it runs.

    What would change in a protected stack is shown and asked about first.

    What the program no longer declares is deleted at the end. Run it again at any time: what is
    as it should be is not touched.
    """
    from kubia.actions import leftover
    from kubia.actions.up import up as action
    from kubia.observe import bound, monitor
    from kubia.releases.record import UpOptions
    from kubia.session import open_session

    monitor.check(url, timeline, most)
    picture = timeline.resolve() if timeline else None  # the program runs in its own folder
    leftover.refuse(cwd, stack, context)
    session = open_session(cwd, stack, engine.value, context, start=True)
    asked = UpOptions(
        force_conflicts=force, cause=cause, allow_rejected=again, undo_on_failure=undo
    )
    share = bound.share(most or bound.MAX_ERRORS)
    action(session, asked, url, picture, share, yes=yes, as_json=as_json)
