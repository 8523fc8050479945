"""`kubia down`: delete what a stack made."""

from kubia.cli import options


def down(
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,
) -> None:
    """Delete what belongs to the stack, its namespace last."""
    from kubia import console
    from kubia.actions import engine as engines
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    if session.context is None:
        console.out("nothing to delete: the local cluster is not running")
        return
    engines.of(session).down(yes=yes)
