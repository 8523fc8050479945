"""`kubia preview`: what `up` would change."""

import json
from typing import Annotated

import typer

from kubia import console
from kubia.actions import kubectl, pulumi
from kubia.apply import text
from kubia.cli import options
from kubia.session import Engine, open_session

CHANGED = 2


def preview(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    force: options.Force = False,  # noqa: FBT002 (typer's way to write a flag)
    as_json: options.Json = False,  # noqa: FBT002
    exit_code: Annotated[  # noqa: FBT002
        bool, typer.Option("--exit-code", help="Exit with 2 if something would change.")
    ] = False,
) -> None:
    """Show what `up` would change, field by field, as the API server answers. Writes nothing."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    if session.engine == "pulumi":
        changed = pulumi.preview(session, as_json=as_json)
    else:
        planned = kubectl.preview(session, force=force)
        changed = not planned.is_empty
        if as_json:
            console.out(json.dumps(text.as_json(planned), indent=2, ensure_ascii=False))
        else:
            for line in text.lines(planned):
                console.out(console.coloured(line))
    if exit_code and changed:
        raise typer.Exit(CHANGED)
