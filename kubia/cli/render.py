"""`kubia render`: a stack as plain YAML."""

from pathlib import Path
from typing import Annotated

import typer

from kubia import console
from kubia.actions import render
from kubia.cli import options
from kubia.program import objects
from kubia.project import stackfile
from kubia.session import rendered


def show(
    stack: options.Stack = "dev",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write one file per object into this folder."),
    ] = None,
    cwd: options.Cwd = options.HERE,
    show_secrets: options.ShowSecrets = False,  # noqa: FBT002 (typer's way to write a flag)
) -> None:
    """Print the stack's objects as YAML, or write them into a folder. Needs no cluster."""
    folder = out.resolve() if out else None
    found = stackfile.stack(stackfile.project(cwd), stack)
    manifests = objects.of_program(rendered(found, None))
    if not show_secrets and any(render.is_secret(manifest) for manifest in manifests):
        console.err("secrets are masked: --show-secrets prints them in plain text")
    if folder is None:
        typer.echo(render.text(manifests, show_secrets=show_secrets), nl=False)
        return
    count = render.write(folder, manifests, show_secrets=show_secrets)
    console.err(f"{count} files in {folder}")
