"""The kubectl engine: renders the program in this process and applies it on the server."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from kubia import console
from kubia.actions import outputs
from kubia.actions.take_down import take_down
from kubia.apply import applyset, execute, handover, plan, text
from kubia.apply.api import Api, if_allowed
from kubia.apply.connection import Connection, connect
from kubia.apply.keeper import EngineName
from kubia.apply.model import Change, DesiredState, Plan
from kubia.apply.wait import TIMING, ReleaseError, Timing
from kubia.console import Progress
from kubia.errors import KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.program import objects
from kubia.program.objects import ObjectRef
from kubia.project import earlier, stackfile
from kubia.project.edits import NOTHING, Edit
from kubia.project.stackfile import Stack
from kubia.releases import ledger, record, release, site_files, store
from kubia.releases.lease import MEANWHILE, PACE, Lease, Pace
from kubia.releases.record import Entry, UpOptions
from kubia.releases.release import Release
from kubia.session import Session


@dataclass(frozen=True)
class KubectlEngine:
    """Works without Pulumi's CLI; what it knows of a stack is in the cluster."""

    session: Session
    connect: Callable[[str], AbstractContextManager[Connection]] = connect
    timing: Timing = TIMING
    pace: Pace = PACE
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

    def up(
        self, options: UpOptions, monitor: RolloutMonitor, edit: Edit = NOTHING
    ) -> dict[str, Any]:
        """Bring the program into the cluster, wait until it runs, and record the release."""
        start = time.monotonic()
        command = "up" if options.rollback_to is None else "rollback"
        with self.connect(self.session.cluster) as connection:
            api = Api(connection)
            with Lease(api, self._stack_alone, command, self.pace) as lease:
                planned = self._up(lease, options, monitor, edit)
        console.out(f"{text.summary(planned)} ({time.monotonic() - start:.1f} s)")
        return self.outputs(show_secrets=False)

    def preview(self, *, force_conflicts: bool, as_json: bool, again: bool = False) -> bool:
        """Print what `up` would change; return whether that is anything.

        It is said if `up` would refuse what was taken back, which it does not do `again`.
        """
        planned = self._plan(force=force_conflicts, again=again)
        if as_json:
            console.out(json.dumps(text.as_json(planned), indent=2, ensure_ascii=False))
        else:
            _print_plan(planned, console.out)
        return not planned.is_empty

    def down(self, *, yes: bool, delete_namespace: bool = False) -> list[str]:
        """Delete what belongs to the stack; a namespace with others' objects only if told to."""
        desired = self.desired
        with self.connect(self.session.cluster) as connection:
            api = Api(connection)
            return take_down(api, desired, self.pace, yes=yes, delete_namespace=delete_namespace)

    def outputs(self, *, show_secrets: bool) -> dict[str, Any]:
        """Return what the program exports; None stands for what only a server knows."""
        return outputs.of_program(self.session.program, show_secrets=show_secrets)

    def history(self) -> list[Release]:
        """Return the stack's releases, oldest first."""
        with self.connect(self.session.cluster) as connection:
            return store.load(Api(connection), self._stack_alone)

    def document(self, release: Release) -> dict[str, Any]:
        """Return the stack file's content as the release has it, secrets sealed as they were.

        What it has as it was written once, it has as it is written now.

        Raises:
            KubiaError: it was too large to be kept.

        """
        if release.document is None:
            message = (
                f"release {release.number} was recorded without the stack file's content, which "
                "was too large: put the file back from version control and run `kubia up`."
            )
            raise KubiaError(message)
        stack = self.session.stack
        return earlier.translated(release.document, stack.document, stack.project.name)

    @property
    def record(self) -> str:
        """The parent of the stack's set."""
        return str(self._stack_alone.parent.key)

    def adopt(self, lease: Lease) -> None:
        """Make all that is declared a member of the stack's set, and a release of its own."""
        with console.progress() as progress:
            planned = handover.join(lease.guarded, self.desired, progress)
        before = store.load(lease.api, planned.desired)
        options = UpOptions(cause="moved from pulumi")
        with record.recorded(lease, planned, self.session.stack, before, options, NOTHING):
            pass

    def release(self, lease: Lease) -> None:
        """Delete the record: the members' labels went when Pulumi wrote the objects."""
        with console.progress() as progress:
            handover.forget(lease.guarded, self.desired, progress)

    def keep(self, lease: Lease) -> None:
        """Take the mark off the record that the stack is on its way."""
        handover.keep(lease.guarded, self.desired)

    def _plan(self, *, force: bool, again: bool) -> Plan:
        desired = self.desired
        if self.session.context is None:
            created = tuple(Change("create", m.key, m.object) for m in desired.manifests)
            return Plan(desired, created, (), ())
        with self.connect(self.session.context) as connection:
            api = Api(connection)
            planned = plan.make(api, desired, force=force)
            if not again:
                self._say_if_rejected(api, planned)
            return planned

    def _say_if_rejected(self, api: Api, planned: Plan) -> None:
        """Say it if `up` would refuse the plan; nothing to whoever may not see the releases."""
        before = if_allowed(lambda: store.load(api, planned.desired), [])
        digest = release.digest(planned.desired.manifests)
        reason = record.rejection(before, digest, self.session.stack.name)
        if reason:
            console.err(console.coloured(f"  ! `kubia up` refuses this: {reason}"))

    def _apply(self, api: Api, planned: Plan, progress: Progress, *, force: bool) -> None:
        execute.apply(api, planned, progress, force=force, timing=self.timing)

    def _up(self, lease: Lease, options: UpOptions, monitor: RolloutMonitor, edit: Edit) -> Plan:
        """Bring the program up under the stack's Lease, which an unchanged one does not need."""
        lease.wait()
        planned, before = self._prepared(lease.api, options)
        if edit.after or not record.is_settled(planned, before, options):
            _make_namespace(lease.api, planned, force=options.force_conflicts)
            if lease.take():
                if options.previewed:
                    raise KubiaError(MEANWHILE)
                planned, before = self._prepared(lease.api, options)
        if not options.previewed:
            _print_plan(planned, console.err)
        entry: Entry | None = None
        try:
            if not edit.after and record.is_settled(planned, before, options):
                self._carry_out(lease.guarded, planned, monitor, options)
                return planned
            stack = self.session.stack
            with record.recorded(lease, planned, stack, before, options, edit) as entry:
                if edit.after.keys() - {stack.file}:
                    planned = self._as_in_files(lease.api, entry, options)
                self._carry_out(lease.guarded, planned, monitor, options)
        except KubiaError as error:
            if options.undo_on_failure:
                self._undo_failed(lease, entry, error, monitor)
            raise
        return planned

    def _prepared(self, api: Api, options: UpOptions) -> tuple[Plan, list[Release]]:
        """Return what `up` would change, and the ledger that allows it.

        What was taken back before is refused; it is said if a rollback will not declare the same.
        """
        planned = plan.make(api, self.desired, force=options.force_conflicts)
        before = store.load(api, planned.desired)
        if options.decided_at not in {None, *(item.number for item in before[-1:])}:
            raise KubiaError(MEANWHILE)
        digest = release.digest(planned.desired.manifests)
        record.refuse_rejected(before, digest, options, self.session.stack.name)
        back = ledger.by_number(before, options.rollback_to)
        if back is not None:
            record.refuse_halting(planned, back, self.session.stack.name)
        if back is not None and back.digest != digest and not options.keeps_secrets:
            console.err(
                f"the program has changed since release {back.number}: what is declared differs"
            )
        return planned, before

    def _as_in_files(self, api: Api, entry: Entry, options: UpOptions) -> Plan:
        """Return what `up` would change now that all of the stack's files are in place."""
        stack = self.session.stack
        engine = self.declaring(stackfile.stack(stack.project, stack.name))
        planned = plan.make(api, engine.desired, force=options.force_conflicts)
        entry.declares(planned, engine.session.stack)
        return planned

    def _carry_out(
        self, api: Api, planned: Plan, monitor: RolloutMonitor, options: UpOptions
    ) -> None:
        with console.progress() as progress, monitor.on(progress):
            self._apply(api, planned, progress, force=options.force_conflicts)

    def _undo_failed(
        self, lease: Lease, entry: Entry | None, error: KubiaError, monitor: RolloutMonitor
    ) -> None:
        """Undo a release that failed, or say why not where it was something else that did.

        Raises:
            KubiaError: a release failed; it says what became of that.

        """
        if isinstance(error, ReleaseError):
            raise KubiaError(self._undo(lease, entry, error, monitor)) from error
        if entry is not None and not entry.is_withdrawn:
            back = f"`kubia rollback -s {self.session.stack.name}` goes back"
            why = _why_not_back(entry.release, ledger.serving(entry.before)) or back
            console.err(f"nothing was undone, for it is no rollout that failed: {why}.")

    def _undo(
        self, lease: Lease, entry: Entry | None, error: ReleaseError, monitor: RolloutMonitor
    ) -> str:
        """Bring what serves back; return what to say of the failed release and of that."""
        if entry is None or entry.is_withdrawn:
            return f"{error}\nnothing was undone: this run has changed nothing."
        failed, good = entry.release, ledger.serving(entry.before)
        why = _why_not_back(failed, good)
        if good is None or why:
            return f"{error}\nnothing was undone: {why}."
        console.err(f"undoing release {failed.number}:")
        try:
            planned = plan.make(lease.api, self._declaring_release(good).desired, force=True)
            _print_plan(planned, console.err)
            with console.progress() as progress, monitor.on(progress, "undone"):
                self._apply(lease.guarded, planned, progress, force=True)
            lease.check()
        except KubiaError as second:
            return f"{error.summary}\nrelease {failed.number} could not be undone: {second}"
        entry.end("undone")
        is_same = release.digest(planned.desired.manifests) == good.digest
        where = (
            f"the cluster is at release {good.number} again"
            if is_same
            else f"the cluster is at the settings of release {good.number}, but the program has "
            "changed since: what is declared differs"
        )
        paused = ", ".join(map(str, planned.standing))
        if paused:
            where = f"{where}, where the rollout is paused: pods of {paused} stay as they are"
        return (
            f"{error.summary}\nrelease {failed.number} was undone: {where}; "
            f"{self.session.stack.file.name} still declares what failed."
        )

    def _declaring_release(self, release: Release) -> Self:
        """Return the engine for what a release declared, its site directories' files included."""
        stack = self.session.stack
        if release.sites is None:
            console.err("its site directories are not kept: they stay as their files are now")
        document = self.document(release)
        inlined = site_files.inlined(document, stack.project.name, release.sites or {})
        old = stackfile.of_document(stack.project, stack.name, stack.file, inlined)
        return self.declaring(old)


def _why_not_back(failed: Release, good: Release | None) -> str:
    """Why nothing would be undone by going back from what failed to what serves, or ""."""
    if good is None:
        return "there is no earlier good release"
    if good.digest == failed.digest:
        return f"release {good.number}, which serves, is the same"
    return ""


def _make_namespace(api: Api, planned: Plan, *, force: bool) -> None:
    """Make the stack's namespace if there is none yet: the Lease and the releases live in it."""
    key = ObjectRef("", "Namespace", "", planned.desired.parent.namespace)
    for change in planned.of("create"):
        if change.key == key:
            api.apply(change.manifest, force=force)


def _print_plan(planned: Plan, print_line: Callable[[str], None]) -> None:
    for line in text.lines(planned):
        print_line(console.coloured(line))
