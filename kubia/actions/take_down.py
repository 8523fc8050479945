"""Deletes what belongs to a stack, and what is known of it."""

from kubia import console
from kubia.apply import execute, leftovers
from kubia.apply.api import Api
from kubia.apply.model import Change, DesiredState
from kubia.errors import KubiaError
from kubia.releases import store
from kubia.releases.lease import MEANWHILE, PACE, Lease, Pace


def take_down(
    api: Api, stack: DesiredState, pace: Pace = PACE, *, yes: bool, delete_namespace: bool = False
) -> list[str]:
    """Delete the stack's objects, its releases and its Lease, after asking unless `yes`.

    Returns what was deleted.
    A namespace that holds others' objects stays, unless `delete_namespace`.

    Raises:
        KubiaError: some of it is protected, or somebody else is changing the stack.

    """
    with Lease(api, stack, "down", pace) as lease:
        lease.wait()
        deletions = _deletions(api, stack, delete_namespace=delete_namespace)
        for change in deletions:
            console.err(console.coloured(f"  - {change.key}"))
        if deletions and not yes:
            console.confirm(f"Delete these {len(deletions)} objects?")
        if deletions and lease.take():
            raise KubiaError(MEANWHILE)
        with console.progress() as progress:
            deleted = execute.remove(
                lease.guarded, stack, deletions, progress, delete_shared=delete_namespace
            )
        lease.check()
        store.forget(api, stack)
        lease.delete()
    console.out(f"{len(deleted)} deleted" if deletions else "nothing to delete")
    return [str(change.key) for change in deleted]


def _deletions(api: Api, stack: DesiredState, *, delete_namespace: bool) -> list[Change]:
    """Return what is deleted, and say what becomes of others' objects, and of what is not seen."""
    deletions, notes = execute.removal(api, stack)
    for note in notes:
        console.err(console.coloured(f"  ! {note}"))
    shared = leftovers.of(api, stack, deletions)
    fate = leftovers.GOES if delete_namespace else leftovers.KEPT
    for space, names in shared.items():
        console.err(console.coloured(f"  ! {leftovers.sentence(space, names, fate)}"))
    if delete_namespace:
        return deletions
    return [change for change in deletions if change.key not in shared]
