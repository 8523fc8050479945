"""`kubia doctor`: whether everything is there that a stack needs."""

from typing import TYPE_CHECKING

import typer

from kubia.cli import options

if TYPE_CHECKING:
    from kubia.session import Session


def doctor(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
    as_json: options.Json = False,
) -> None:
    """Name what is missing for the stack, with a remedy.

    The machine, the cluster and the stack are looked at, and nothing is changed. Exit with 1 if
    anything fails.
    """
    from kubia.actions.doctor import doctor as action
    from kubia.errors import ExitCode
    from kubia.session import open_session

    def opened() -> "Session":
        return open_session(cwd, stack, "kubectl", context, writes=False)

    if not action(opened, as_json=as_json):
        raise typer.Exit(ExitCode.FAILED)
