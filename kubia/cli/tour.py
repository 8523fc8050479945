"""`kubia tour`: the examples, listed and run."""

from typing import Annotated

import typer

from kubia.cli import options


def tour(
    name: Annotated[
        str | None,
        typer.Argument(help="The example to run: its name, or number.", show_default=False),
    ] = None,
    *,
    context: options.Context = None,
) -> None:
    """List the examples, or run one by its README.

    It runs on the cluster that is meant, and is taken down in the end.
    """
    from kubia.actions import tour as action

    if name is None:
        action.show()
    else:
        action.play(name, context)
