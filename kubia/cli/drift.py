"""`kubia drift`: where what runs differs from what is declared, and who did it."""

import json
from typing import Annotated

import typer

from kubia import console
from kubia.actions import kubectl
from kubia.apply.api import Api
from kubia.apply.connection import connect
from kubia.cli import options
from kubia.drift import detect, text
from kubia.drift.repair import repair as put_back
from kubia.session import Engine, open_session, rendered

DRIFT = 2


def drift(
    stack: options.Stack = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
    repair: Annotated[  # noqa: FBT002 (typer's way to write a flag)
        bool, typer.Option("--repair", help="Put back what is declared, and wait.")
    ] = False,
    strict: Annotated[  # noqa: FBT002
        bool, typer.Option("--strict", help="Count containers that others added as drift.")
    ] = False,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Compare what is declared with what runs, by either engine. Exit with 2 if they differ."""
    session = open_session(cwd, stack, Engine.KUBECTL, context)
    session.tell()
    with connect(kubectl.context_of(session)) as connection:
        api = Api(connection)
        wanted = kubectl.target_of(session, rendered(session.stack, session.context))
        found = detect.find(api, wanted, strict=strict)
        if repair and any(item.counted for item in found):
            for line in text.lines(found):
                console.err(console.coloured(line))
            with console.board() as board:
                put_back(api, wanted, found, board)
            found = detect.find(api, wanted, strict=strict)
    if as_json:
        told = text.as_json(stack, found)
        console.out(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for line in text.lines(found):
            console.out(console.coloured(line))
    if any(item.counted for item in found):
        raise typer.Exit(DRIFT)
