"""The two engines behind one interface, and the place that chooses between them."""

from dataclasses import replace
from typing import Any, Protocol, Self

from kubia.actions.kubectl import KubectlEngine
from kubia.actions.pulumi import PulumiEngine
from kubia.apply.keeper import EngineName
from kubia.observe.monitor import RolloutMonitor
from kubia.project.edits import NOTHING, Edit
from kubia.project.stackfile import Stack
from kubia.releases.lease import Lease
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session


class Engine(Protocol):
    """Brings a session's stack into its cluster, and tells what was done there.

    All of it raises `KubiaError` where something fails, and `InvalidError` where the engine cannot
    do what is asked for.
    """

    @property
    def name(self) -> EngineName:
        """What `--engine` calls it."""
        ...

    @property
    def session(self) -> Session:
        """What it works on."""
        ...

    @property
    def marks_members(self) -> bool:
        """Whether it labels the objects that belong to the stack."""
        ...

    def declaring(self, stack: Stack) -> Self:
        """Return the same engine for the same stack as another file declares it."""
        ...

    def check(self, options: UpOptions) -> None:
        """Refuse what this engine cannot do, before anything is done."""
        ...

    def up(
        self, options: UpOptions, monitor: RolloutMonitor, edit: Edit = NOTHING
    ) -> dict[str, Any]:
        """Bring the stack up and wait until it runs; return its outputs, secrets masked.

        It is declared by files that an `edit` makes what they shall be: not before it is known that
        it can be brought up, and not for good if that ends before anything was changed.
        """
        ...

    def preview(self, *, force_conflicts: bool, as_json: bool, again: bool = False) -> bool:
        """Print what `up` would change; return whether that is anything.

        `again`: what was taken back may come up, too.
        """
        ...

    def down(self, *, yes: bool, delete_namespace: bool = False) -> list[str]:
        """Delete what belongs to the stack, after asking unless `yes`; return what it was.

        A namespace that holds others' objects goes only with `delete_namespace`.
        """
        ...

    def outputs(self, *, show_secrets: bool) -> dict[str, Any]:
        """Return the stack's outputs by name; None stands for what only a server knows."""
        ...

    def history(self) -> list[Release]:
        """Return the stack's releases, oldest first."""
        ...

    @property
    def record(self) -> str:
        """Where it keeps what it knows of the stack, in words."""
        ...

    def adopt(self, lease: Lease) -> None:
        """Take the stack over from the other engine, as it is: nothing that runs is changed."""
        ...

    def release(self, lease: Lease) -> None:
        """Forget the stack, which the other engine has taken over; nothing is deleted."""
        ...

    def keep(self, lease: Lease) -> None:
        """Say that the stack, now that the other engine has forgotten it, is here to stay."""
        ...

    def document(self, release: Release) -> dict[str, Any]:
        """Return what the stack file shall hold to declare a release again."""
        ...


def both(session: Session) -> tuple[KubectlEngine, PulumiEngine]:
    """Return both engines for what the session works on, whichever keeps it."""
    kubectl, pulumi = replace(session, engine="kubectl"), replace(session, engine="pulumi")
    return KubectlEngine(kubectl), PulumiEngine(pulumi)


def of(session: Session) -> Engine:
    """Return the session's engine."""
    if session.engine == "pulumi":
        return PulumiEngine(session)
    return KubectlEngine(session)


def keeping(session: Session) -> Engine:
    """Return the engine that keeps the session's stack, as far as no cluster is asked for it."""
    if session.engine == "pulumi" and not PulumiEngine(session).keeps():
        return KubectlEngine(replace(session, engine="kubectl"))
    return of(session)
