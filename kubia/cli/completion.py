"""What a shell completes: names that the project at hand has; nothing where there is an error."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import typer

from kubia.errors import KubiaError


def stacks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the stacks whose names begin so."""
    from kubia.project import stackfile

    try:
        names = stackfile.stack_names(stackfile.project(_folder(ctx)))
    except KubiaError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def services(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the workloads of the stack whose names begin so, as its program declares them."""
    from kubia.live import rollout
    from kubia.program import objects
    from kubia.session import without_cluster

    try:
        session = without_cluster(_folder(ctx), str(_given(ctx, "stack") or "dev"))
        keys = [manifest.key for manifest in objects.of_program(session.program)]
    except KubiaError:
        return []
    names = sorted(key.name for key in keys if key.kind in rollout.WORKLOADS)
    return [name for name in names if name.startswith(incomplete)]


def web_services(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the stack's web services whose names begin so, as its file gives them."""
    from kubia.project import contract

    return _of_file(ctx, incomplete, contract.services)


def secret_owners(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the stack's services and tasks whose names begin so: what may have secrets."""
    from kubia.project import contract

    return _of_file(ctx, incomplete, contract.secret_owners)


def _of_file(
    ctx: typer.Context, incomplete: str, names: Callable[[Mapping[str, Any], str], Iterable[str]]
) -> list[str]:
    from kubia.project import stackfile

    try:
        project = stackfile.project(_folder(ctx))
        file = stackfile.existing(project, str(_given(ctx, "stack") or "dev"))
        every = names(stackfile.read(file), project.name)
    except KubiaError:
        return []
    return [name for name in every if name.startswith(incomplete)]


def _folder(ctx: typer.Context) -> Path:
    return Path(str(_given(ctx, "cwd") or "."))


def _given(ctx: typer.Context, name: str) -> object:
    """Return an option as it was given to the command, or before it."""
    own = ctx.params.get(name)
    before = ctx.parent.params.get(name) if ctx.parent else None
    return own or before
