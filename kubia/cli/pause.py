"""`kubia pause`: pause rollouts."""

from kubia.cli import options


def pause(
    service: options.WebService = None,
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    engine: options.Engine = options.AUTO,
    cwd: options.Cwd = options.HERE,
    yes: options.Yes = False,
) -> None:
    """Pause a web service's rollout: strategy.paused is set."""
    from kubia.actions import engine as engines
    from kubia.actions import strategy
    from kubia.session import open_session

    session = open_session(cwd, stack, engine.value, context)
    strategy.pause(engines.of(session), service, yes=yes)
