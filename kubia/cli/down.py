"""`kubia down`: delete what a stack made."""

from typing import Annotated

import typer

from kubia.cli import options


def down(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,
    as_json: options.Json = False,
    delete_namespace: Annotated[
        bool,
        typer.Option(
            "--delete-namespace", help="Delete the stack's namespace with what others have in it."
        ),
    ] = False,
) -> None:
    """Delete what belongs to the stack, its namespace last."""
    import json

    from kubia import console
    from kubia.actions import engine as engines
    from kubia.actions import leftover
    from kubia.session import open_session

    def delete() -> list[str]:
        if (left := leftover.of(cwd, stack, context)) is not None:
            return left.down(yes=yes, delete_namespace=delete_namespace)
        session = open_session(cwd, stack, engine.value, context)
        if session.context is None:
            console.out("nothing to delete: the local cluster is not running")
            return []
        return engines.of(session).down(yes=yes, delete_namespace=delete_namespace)

    if not as_json:
        delete()
        return
    with console.aside():
        deleted = delete()
    console.out(json.dumps({"stack": stack, "deleted": deleted}, indent=2))
