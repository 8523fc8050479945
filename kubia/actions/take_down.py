"""Deletes what belongs to a stack, and what is known of it."""

import typer

from kubia import console
from kubia.apply import execute
from kubia.apply.api import Api
from kubia.apply.model import DesiredState
from kubia.errors import KubiaError
from kubia.releases import store
from kubia.releases.lease import MEANWHILE, PACE, Lease, Pace


def take_down(api: Api, stack: DesiredState, pace: Pace = PACE, *, yes: bool) -> None:
    """Delete the stack's objects, its releases and its Lease, after asking unless `yes`.

    Raises:
        KubiaError: some of it is protected, or somebody else is changing the stack.

    """
    with Lease(api, stack, "down", pace) as lease:
        lease.wait()
        deletions = execute.removal(api, stack)
        for change in deletions:
            console.err(console.coloured(f"  - {change.key}"))
        if deletions and not yes:
            typer.confirm(f"Delete these {len(deletions)} objects?", abort=True, err=True)
        if deletions and lease.take():
            raise KubiaError(MEANWHILE)
        with console.progress() as progress:
            execute.remove(lease.guarded, stack, deletions, progress)
        store.forget(api, stack)
        lease.delete()
    console.out(f"{len(deletions)} deleted" if deletions else "nothing to delete")
