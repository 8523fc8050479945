"""`kubia abort`: take the canary away."""

from kubia.cli import options


def abort(
    service: options.WebService = None,
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,
) -> None:
    """Take the canary away: strategy.canaryImage is removed."""
    from kubia.actions import engine as engines
    from kubia.actions import strategy
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    strategy.abort(engines.of(session), service, yes=yes)
