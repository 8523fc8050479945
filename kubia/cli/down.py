"""`kubia down`: delete what a stack made."""

from kubia import console
from kubia.actions import kubectl, pulumi
from kubia.cli import options
from kubia.session import Engine, open_session


def down(
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.EngineOption = Engine.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,  # noqa: FBT002 (typer's way to write a flag)
) -> None:
    """Delete everything that belongs to the stack, its namespace last, and nothing else."""
    session = open_session(cwd, stack, engine, context)
    session.tell()
    if session.context is None:
        console.out("nothing to delete: the local cluster is not running")
    elif session.engine == "pulumi":
        pulumi.down(session, yes=yes)
    else:
        kubectl.down(session, yes=yes)
