"""`kubia open`: an address for a service or a site."""

from typing import Annotated

import typer

from kubia.cli import options


def open_(
    name: options.Service,
    *,
    stack: options.Stack = "dev",
    context: options.Context = None,
    cwd: options.Cwd = options.HERE,
    port: Annotated[
        int | None,
        typer.Option(
            help="The port on this machine; default: a free one.",
            min=1,
            max=65535,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print an address at which a service or site answers.

    It is on this machine, and answers until Ctrl-C.
    """
    from kubia.actions import reach
    from kubia.session import between_engines

    reach.serve(between_engines(cwd, stack, context), name, port)
