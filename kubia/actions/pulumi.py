"""The pulumi engine: Pulumi's own CLI through its Automation API, on the project's own files."""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import typer
import yaml
from pulumi import automation
from pulumi.automation import EngineEvent, OpType

from kubia import console
from kubia.actions import pulumi_pending, pulumi_state, updates
from kubia.actions.pulumi_backend import existing, select
from kubia.actions.pulumi_errors import PulumiErrors
from kubia.apply import applyset, errors, leftovers
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.apply.model import Change, DesiredState
from kubia.errors import MASK, InvalidError, KubiaError, refuse
from kubia.observe.monitor import RolloutMonitor
from kubia.program.objects import ObjectRef
from kubia.project import stackfile
from kubia.project.edits import NOTHING, Edit
from kubia.project.stackfile import Stack
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session

T = TypeVar("T")

FORCE = (
    "--force-conflicts: the pulumi engine has no such flag; leave it out, and where a field that "
    "somebody else manages is to be taken over, give that object the annotation "
    'pulumi.com/patchForce: "true".'
)
REFUSED = {
    "force_conflicts": FORCE,
    "allow_rejected": (
        "--again: the pulumi engine brings up again whatever was undone or rolled back from; "
        "leave it out."
    ),
    "undo_on_failure": (
        "--undo-on-failure: the pulumi engine cannot undo by itself; leave it out and run "
        "`kubia rollback` when an update fails, or use --engine kubectl."
    ),
}
"""What Pulumi cannot do, by the option that asks for it."""


@dataclass(frozen=True)
class PulumiEngine:
    """Works through Pulumi's CLI; what it knows of a stack is in Pulumi's backend."""

    session: Session
    connect: Callable[[str], AbstractContextManager[Connection]] = connect
    marks_members: ClassVar[bool] = False

    def declaring(self, stack: Stack) -> Self:
        """Return the same engine for the same stack as another file declares it."""
        return replace(self, session=replace(self.session, stack=stack))

    def check(self, options: UpOptions) -> None:
        """Refuse what Pulumi cannot do."""
        refuse(problem for name, problem in REFUSED.items() if getattr(options, name))

    def up(
        self, options: UpOptions, monitor: RolloutMonitor, edit: Edit = NOTHING
    ) -> dict[str, Any]:
        """Update the stack; return its outputs. Pulumi keeps the cause as the update's message."""
        self.check(options)
        stack = self._run(lambda _: self._selected())
        self._take_up(stack)
        changed: list[str] = []

        def update(hear: Callable[[EngineEvent], None]) -> automation.UpResult:
            def notice(event: EngineEvent) -> None:
                hear(event)
                changed.extend(_changing(event))

            return stack.up(message=options.cause, on_output=console.err, on_event=notice)

        edit.carry_out()
        try:
            # Pulumi's own words are lines, so what is observed must not stand among them.
            with monitor.on(console.Progress(None)):
                result = self._run(update)
        except KubiaError:
            if not changed:
                edit.take_back()
            raise
        return _masked(result.outputs, show_secrets=False)

    def preview(self, *, force_conflicts: bool, as_json: bool) -> bool:
        """Show what an update would change; return whether it is anything."""
        if force_conflicts:
            raise InvalidError([FORCE])
        print_line = console.err if as_json else console.out
        stack = self._run(lambda _: self._selected())
        for resource in pulumi_pending.creates(self._state(stack)):
            made = ObjectRef.of(resource["inputs"])
            console.err(f"a run that was killed was making {made}: `kubia up` finds out if it did")
        with self._config_file() as file:
            result = self._run(
                lambda hear: stack.preview(
                    diff=True, on_output=print_line, on_event=hear, config_file=file
                )
            )
        counts = {str(getattr(op, "value", op)): n for op, n in result.change_summary.items()}
        if as_json:
            summary = {"stack": self.session.stack.name, "changes": counts}
            console.out(json.dumps(summary, indent=2))
        return any(count for op, count in counts.items() if op != "same")

    def down(self, *, yes: bool, delete_namespace: bool = False) -> None:
        """Delete everything that the stack made; nothing if any of it is protected.

        Nor if others have objects in its namespace, which Pulumi cannot keep alone.
        """
        stack = self._run(lambda _: existing(self.session.stack, self.session.cluster))
        if stack is None:
            console.out(f"nothing to delete: {_missing(self.session.stack)}")
            return
        state = self._take_up(stack)
        errors.refuse_protected(pulumi_state.protected(state))
        if not delete_namespace:
            self._refuse_shared(state)
        if not yes:
            question = f"Delete everything in stack {self.session.stack.name}?"
            typer.confirm(question, abort=True, err=True)
        self._run(lambda hear: stack.destroy(on_output=console.err, on_event=hear))

    def keeps(self) -> bool:
        """Whether anything of the stack is in Pulumi's backend."""
        stack = self._run(lambda _: existing(self.session.stack))
        return stack is not None and bool(pulumi_state.resources(self._state(stack)))

    def _refuse_shared(self, state: Mapping[str, Any]) -> None:
        """Refuse to delete a namespace in which others have objects.

        Raises:
            KubiaError: there is one.

        """
        live = [resource["outputs"] for resource in pulumi_state.objects(state)]
        changes = [
            Change("delete", ObjectRef.of(item), uid=item["metadata"].get("uid", ""))
            for item in live
        ]
        if not any(change.key.kind == "Namespace" for change in changes):
            return
        stack = self.session.stack
        parent = applyset.parent(stack.project.name, stack.name, "")
        desired = DesiredState(stack.project.name, stack.name, parent, (), has_set=False)
        with self.connect(self.session.cluster) as connection:
            shared = leftovers.of(Api(connection), desired, changes)
        for space, names in shared.items():
            message = (
                f"nothing was deleted: {leftovers.sentence(space, names, 'holds')}; move that "
                "away, or delete all of it by --delete-namespace."
            )
            raise KubiaError(message)

    def outputs(self, *, show_secrets: bool) -> dict[str, Any]:
        """Return the stack's outputs after its last update."""
        stack = self._run(lambda _: existing(self.session.stack))
        if stack is None:
            message = f"{_missing(self.session.stack)}: bring it up by `kubia up` first."
            raise KubiaError(message)
        return _masked(self._run(lambda _: stack.outputs()), show_secrets=show_secrets)

    def history(self) -> list[Release]:
        """Return the stack's updates, oldest first, as far as Pulumi tells them.

        Values that hold a secret are left out of the document, and there are no sites' files.
        """
        stack = self._run(lambda _: existing(self.session.stack, self.session.cluster))
        if stack is None:
            console.err(_missing(self.session.stack))
            return []
        return self._run(lambda _: updates.releases(stack))

    def document(self, release: Release) -> dict[str, Any]:
        """Return the stack file's content as the update had it, but for keys that hold secrets.

        Pulumi's history opens secrets or hides them, so these stay as the file has them.
        """
        stack = self.session.stack
        config = stack.document.get("config", {})
        kept = {key: value for key, value in config.items() if key in stack.secret_keys}
        then = (release.document or {})["config"]
        return {**stack.document, "config": {**then, **kept}}

    def _selected(self) -> automation.Stack:
        return select(self.session.stack, self.session.cluster)

    def _state(self, stack: automation.Stack) -> Mapping[str, Any]:
        """Return what Pulumi keeps of the stack."""
        return self._run(lambda _: stack.export_stack()).deployment or {}

    def _take_up(self, stack: automation.Stack) -> Mapping[str, Any]:
        """Return the stack's state after what a run that was killed has made is in it."""
        exported = self._run(lambda _: stack.export_stack())
        deployment = exported.deployment or {}
        if not pulumi_pending.creates(deployment):
            return deployment
        with self.connect(self.session.cluster) as connection:
            resolved = pulumi_pending.resolved(deployment, Api(connection))
        for made in resolved.objects:
            console.err(f"{made} was made by a run that was killed: Pulumi's state has it now")
        changed = automation.Deployment(exported.version, resolved.deployment)
        self._run(lambda _: stack.import_stack(changed))
        return resolved.deployment

    @contextlib.contextmanager
    def _config_file(self) -> Iterator[str | None]:
        """Lend a file of what the stack declares; None if its own file does."""
        stack = self.session.stack
        if stackfile.read(stack.file) == stack.document:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="kubia-") as folder:
            file = Path(folder, stack.file.name)
            file.write_text(yaml.safe_dump(dict(stack.document)), encoding="utf-8")
            yield str(file)

    def _run(self, work: Callable[[Callable[[EngineEvent], None]], T]) -> T:
        """Return the result of a Pulumi command, which may hand its events to the hearer it gets.

        Raises:
            InvalidError: the program told a mistake of the user.
            KubiaError: the command failed; the reasons are Pulumi's own words.

        """
        heard = PulumiErrors()
        try:
            return work(heard.hear)
        except automation.CommandError as error:
            if heard.of_program:
                self._refuse_mistake(heard.of_program)
            message = f"pulumi failed:\n{heard.text(error)}"
            raise KubiaError(message) from error

    def _refuse_mistake(self, texts: list[str]) -> None:
        """Raise the user's mistake if the program tells one in these very words.

        Pulumi hands over its text alone, and not that it is one.
        """
        try:
            _ = self.session.program
        except InvalidError as mistake:
            if str(mistake) in texts:
                raise
        except KubiaError:
            pass


def _missing(stack: Stack) -> str:
    return f"Pulumi keeps no stack {stack.name}"


def _changing(event: EngineEvent) -> list[str]:
    """Return the URN of the resource that is about to be changed, if the event says that of one."""
    before = event.resource_pre_event
    if before is None or before.metadata.op in {OpType.SAME, OpType.READ, OpType.REFRESH}:
        return []
    return [before.metadata.urn]


def _masked(outputs: Mapping[str, automation.OutputValue], *, show_secrets: bool) -> dict[str, Any]:
    return {
        name: MASK if output.secret and not show_secrets else output.value
        for name, output in sorted(outputs.items())
    }
