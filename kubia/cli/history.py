"""`kubia history`: what was released when, by whom and why."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from kubia import console
from kubia.actions import kubectl, pulumi
from kubia.cli import options
from kubia.errors import InvalidError
from kubia.releases import release, text
from kubia.releases.release import Release
from kubia.session import Engine, Session, open_session


def history(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    number: Annotated[
        int | None, typer.Option("--release", help="Show this one with its changes.")
    ] = None,
    as_json: options.Json = False,  # noqa: FBT002 (typer's way to write a flag)
) -> None:
    """Show the stack's releases, oldest first."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    found = of_session(session)
    if number is not None:
        one = chosen(found, number)
        if as_json:
            console.out(json.dumps(text.as_json(one), indent=2, ensure_ascii=False))
            return
        for line in text.details(one):
            console.out(console.coloured(line))
    elif as_json:
        told = [text.as_json(item) for item in found]
        console.out(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for line in text.table(found):
            console.out(line)


def of_session(session: Session) -> list[Release]:
    """Return the stack's releases as the session's engine keeps them, oldest first."""
    return pulumi.history(session) if session.engine == "pulumi" else kubectl.history(session)


def chosen(releases: Sequence[Release], number: int) -> Release:
    """Return the release with this number; InvalidError if there is none."""
    found = release.by_number(releases, number)
    if found is None:
        kept = ", ".join(str(item.number) for item in releases)
        problem = f"there is no release {number}: {f'kept are {kept}' if kept else 'none yet'}."
        raise InvalidError((problem,))
    return found
