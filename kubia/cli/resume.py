"""`kubia resume`: resume paused rollouts."""

from kubia.cli import options


def resume(
    service: options.WebService = None,
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,
) -> None:
    """Resume a paused rollout: strategy.paused is removed."""
    from kubia.actions import engine as engines
    from kubia.actions import strategy
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    strategy.resume(engines.of(session), service, yes=yes)
