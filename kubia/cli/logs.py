"""`kubia logs`: what a service, site, agent, operator or task logs."""

from typing import Annotated

import typer

from kubia.cli import options


def logs(
    name: options.Service,
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Print a component's logs, of all its pods.

    That is a service, a site, an agent, an operator, a job or a cron job.
    """
    from kubia.actions import reach
    from kubia.session import between_engines

    reach.logs(between_engines(cwd, stack, context), name, follow=follow)
