"""The kubectl engine: renders the program in this process and applies it on the server."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import typer

from kubia import console
from kubia.actions import outputs
from kubia.apply import applyset, execute, handover, plan, text
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.apply.keeper import EngineName
from kubia.apply.model import Change, DesiredState, Plan
from kubia.apply.wait import TIMING, RolloutError, Timing
from kubia.console import Progress
from kubia.errors import KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.program import objects
from kubia.project import stackfile
from kubia.project.stackfile import Stack
from kubia.releases import record, site_files, store
from kubia.releases import release as releases
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session


@dataclass(frozen=True)
class KubectlEngine:
    """Works without Pulumi's CLI; what it knows of a stack is in the cluster."""

    session: Session
    connect: Callable[[str], AbstractContextManager[Connection]] = connect
    timing: Timing = TIMING
    name: ClassVar[EngineName] = "kubectl"
    marks_members: ClassVar[bool] = True

    def declaring(self, stack: Stack) -> Self:
        """Return the same engine for the same stack as another file declares it."""
        return replace(self, session=replace(self.session, stack=stack))

    @cached_property
    def desired(self) -> DesiredState:
        """What the program declares, as it is applied."""
        program = self.session.program
        return replace(self._stack_alone, manifests=objects.of_program(program))

    @property
    def _stack_alone(self) -> DesiredState:
        """The stack without what it declares: enough to find its releases."""
        stack = self.session.stack
        parent = applyset.parent(stack.project.name, stack.name, self.session.namespace)
        return DesiredState(stack.project.name, stack.name, parent, ())

    def check(self, options: UpOptions) -> None:
        """Refuse nothing: all options are this engine's."""

    def up(self, options: UpOptions, monitor: RolloutMonitor) -> dict[str, Any]:
        """Bring the program into the cluster, wait until it runs, and record the release."""
        start = time.monotonic()
        desired = self.desired
        with self.connect(self.session.cluster) as connection:
            api = Api(connection)
            planned = plan.make(api, desired, force=options.force_conflicts)
            history = store.load(api, desired)
            self._check_history(history, planned.desired, options)
            if not options.previewed:
                _print_plan(planned, console.err)
            try:
                with (
                    record.recorded(api, planned, self.session.stack, history, options),
                    console.progress() as progress,
                    monitor.on(progress),
                ):
                    self._apply(api, planned, progress, force=options.force_conflicts)
            except RolloutError as error:
                if options.undo_on_failure:
                    raise KubiaError(self._undo(api, history, error, monitor)) from error
                raise
        console.out(f"{text.summary(planned)} ({time.monotonic() - start:.1f} s)")
        return self.outputs(show_secrets=False)

    def preview(self, *, force_conflicts: bool, as_json: bool) -> bool:
        """Print what `up` would change; return whether that is anything."""
        planned = self._plan(force=force_conflicts)
        if as_json:
            console.out(json.dumps(text.as_json(planned), indent=2, ensure_ascii=False))
        else:
            _print_plan(planned, console.out)
        return not planned.is_empty

    def down(self, *, yes: bool) -> None:
        """Delete what belongs to the stack."""
        desired = self.desired
        with self.connect(self.session.cluster) as connection:
            api = Api(connection)
            deletions = execute.removal(api, desired)
            for change in deletions:
                console.err(console.coloured(f"  - {change.key}"))
            if deletions and not yes:
                typer.confirm(f"Delete these {len(deletions)} objects?", abort=True, err=True)
            with console.progress() as progress:
                execute.remove(api, desired, deletions, progress)
            store.forget(api, desired)
        console.out(f"{len(deletions)} deleted" if deletions else "nothing to delete")

    def outputs(self, *, show_secrets: bool) -> dict[str, Any]:
        """Return what the program exports; None stands for what only a server knows."""
        return outputs.of_program(self.session.program, show_secrets=show_secrets)

    def history(self) -> list[Release]:
        """Return the stack's releases, oldest first."""
        with self.connect(self.session.cluster) as connection:
            return store.load(Api(connection), self._stack_alone)

    def document(self, release: Release) -> dict[str, Any]:
        """Return the stack file's content as the release has it, secrets sealed as they were."""
        return dict(release.document)

    @property
    def record(self) -> str:
        """The parent of the stack's set."""
        return str(self._stack_alone.parent.key)

    def adopt(self) -> None:
        """Make all that is declared a member of the stack's set, and a release of its own."""
        desired = self.desired
        with self.connect(self.session.cluster) as connection:
            api = Api(connection)
            with console.progress() as progress:
                planned = handover.join(api, desired, progress)
            history = store.load(api, desired)
            options = UpOptions(cause="moved from pulumi")
            with record.recorded(api, planned, self.session.stack, history, options):
                pass

    def release(self) -> None:
        """Delete the record: the members' labels went when Pulumi wrote the objects."""
        with self.connect(self.session.cluster) as connection, console.progress() as progress:
            handover.forget(Api(connection), self.desired, progress)

    def keep(self) -> None:
        """Take the mark off the record that the stack is on its way."""
        with self.connect(self.session.cluster) as connection:
            handover.keep(Api(connection), self.desired)

    def _plan(self, *, force: bool) -> Plan:
        desired = self.desired
        if self.session.context is None:
            created = tuple(Change("create", m.key, m.object) for m in desired.manifests)
            return Plan(desired, created, (), ())
        with self.connect(self.session.context) as connection:
            return plan.make(Api(connection), desired, force=force)

    def _apply(self, api: Api, planned: Plan, progress: Progress, *, force: bool) -> None:
        execute.apply(api, planned, progress, force=force, timing=self.timing)

    def _check_history(
        self, history: list[Release], desired: DesiredState, options: UpOptions
    ) -> None:
        """Refuse what was taken back before; say if a rollback will not declare the same."""
        digest = releases.digest(desired.manifests)
        record.refuse_rejected(history, digest, options)
        back = releases.by_number(history, options.rollback_to or 0)
        if back is not None and back.digest != digest:
            console.err(
                f"the program has changed since release {back.number}: what is declared differs"
            )

    def _undo(
        self, api: Api, history: list[Release], error: RolloutError, monitor: RolloutMonitor
    ) -> str:
        """Bring the last good release back; return what to say of the failed one and of that."""
        failed = history[-1]
        good = next((item for item in reversed(history[:-1]) if item.is_good), None)
        if good is None:
            return f"{error}\nnothing was undone: there is no earlier good release."
        planned = plan.make(api, self._declaring_release(good).desired, force=True)
        console.err(f"undoing release {failed.number}:")
        _print_plan(planned, console.err)
        try:
            with console.progress() as progress, monitor.on(progress, "undone"):
                self._apply(api, planned, progress, force=True)
        except KubiaError as second:
            return f"{error.summary}\nrelease {failed.number} could not be undone: {second}"
        record.undone(api, planned.desired, history)
        return (
            f"{error.summary}\nrelease {failed.number} was undone: the cluster is at release "
            f"{good.number} again; {self.session.stack.file.name} still declares what failed."
        )

    def _declaring_release(self, release: Release) -> Self:
        """Return the engine for what a release declared, its site directories' files included."""
        stack = self.session.stack
        document = site_files.inlined(release.document, stack.project.name, release.sites or {})
        old = stackfile.of_document(stack.project, stack.name, stack.file, document)
        return self.declaring(old)


def _print_plan(planned: Plan, print_line: Callable[[str], None]) -> None:
    for line in text.lines(planned):
        print_line(console.coloured(line))
