"""`kubia render`: a stack as plain YAML."""

from pathlib import Path
from typing import Annotated

import typer

from kubia.cli import options


def render(
    *,
    stack: options.Stack = "dev",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write one file per object into this folder."),
    ] = None,
    cwd: options.Cwd = options.HERE,
    show_secrets: options.ShowSecrets = False,
) -> None:
    """Print the stack's objects as YAML, or write them into a folder. Needs no cluster."""
    from kubia.actions.render import render as action
    from kubia.session import without_cluster

    folder = out.resolve() if out else None  # the program runs in its own folder
    action(without_cluster(cwd, stack), folder, show_secrets=show_secrets)
