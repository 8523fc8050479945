"""The pulumi engine: Pulumi's own CLI through its Automation API, on the project's own files."""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from pulumi import automation
from pulumi.automation import EngineEvent, OpType

from kubia import console, yaml12
from kubia.actions import pulumi_backend, pulumi_errors, pulumi_pending, pulumi_state, updates
from kubia.actions.pulumi_backend import existing, select
from kubia.apply import errors
from kubia.apply.api import Api
from kubia.apply.connection import Connection, connect
from kubia.apply.keeper import EngineName
from kubia.errors import MASK, InvalidError, KubiaError, refuse
from kubia.observe.monitor import RolloutMonitor
from kubia.program.objects import ObjectRef
from kubia.project import earlier, stackfile
from kubia.project.edits import NOTHING, Edit
from kubia.project.stackfile import Stack
from kubia.releases.lease import Lease
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session, has_pulumi

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

TAKE_UP = {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}
"""Lets Pulumi's provider apply objects that exist as if it made them."""
HELD = ("resources", "pending_operations")
"""What a state says of resources."""


@dataclass(frozen=True)
class PulumiEngine:
    """Works through Pulumi's CLI; what it knows of a stack is in Pulumi's backend."""

    session: Session
    connect: Callable[[str], AbstractContextManager[Connection]] = connect
    name: ClassVar[EngineName] = "pulumi"
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
        state = self._take_up(stack)
        pulumi_state.refuse_return(state, self.session)
        if space := pulumi_state.leaves(state, self.session):
            with self.connect(self.session.cluster) as connection:
                pulumi_state.refuse_loss(space, self.session, Api(connection))
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

    def preview(
        self,
        *,
        force_conflicts: bool,
        as_json: bool,
        again: bool = False,  # noqa: ARG002 - it has no releases that could be taken back
    ) -> bool:
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

    def down(self, *, yes: bool, delete_namespace: bool = False) -> list[str]:
        """Delete everything that the stack made, and name it; nothing if any of it is protected.

        Nor if others have objects in its namespace, which Pulumi cannot keep alone.
        """
        stack = self._run(lambda _: existing(self.session.stack, self.session.cluster))
        if stack is None:
            console.out(f"nothing to delete: {_missing(self.session.stack)}")
            return []
        state = self._take_up(stack)
        errors.refuse_protected(pulumi_state.protected(state))
        has_namespace = any(key.kind == "Namespace" for key in pulumi_state.objects(state))
        if has_namespace and not delete_namespace:
            with self.connect(self.session.cluster) as connection:
                pulumi_state.refuse_shared(state, self.session.stack, Api(connection))
        if not yes:
            question = f"Delete everything in stack {self.session.stack.name}?"
            console.confirm(question)
        self._run(lambda hear: stack.destroy(on_output=console.err, on_event=hear))
        return list(map(str, pulumi_state.objects(state)))

    def keeps(self) -> bool:
        """Whether anything of the stack is in Pulumi's backend."""
        stack = self._run(lambda _: existing(self.session.stack))
        return stack is not None and bool(pulumi_state.resources(self._state(stack)))

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
        then = earlier.translated(release.document or {}, stack.document, stack.project.name)
        return {**stack.document, "config": {**then["config"], **kept}}

    @cached_property
    def record(self) -> str:
        """The stack's state in the backend that is chosen."""
        stack = self.session.stack
        if not has_pulumi():
            return "the stack's state in Pulumi's backend"
        workspace = pulumi_backend.workspace(stack)
        return f"the stack's state in {self._run(lambda _: workspace.who_am_i()).url}"

    def adopt(self, lease: Lease) -> None:
        """Let a state arise of what is live: each object is applied as it is.

        What the state held before is from a move that was not finished. Pulumi's provider takes up
        what exists if told to; the update that comes after, as any other, leaves no trace of that.
        """
        self.release(lease)
        console.err("what Pulumi calls created is live already: it is applied as it is")
        taking_up = self._selected(TAKE_UP)
        for stack in (taking_up, self._selected()):
            lease.check()
            self._run(
                lambda hear, stack=stack: stack.up(  # type: ignore[misc]  # mypy #15459
                    message="moved from kubectl", on_output=console.err, on_event=hear
                )
            )

    def release(self, lease: Lease) -> None:
        """Empty the stack's state; its history stays."""
        stack = self._run(lambda _: self._selected())
        exported = self._run(lambda _: stack.export_stack())
        deployment = exported.deployment or {}
        if any(map(deployment.get, HELD)):
            left = {key: value for key, value in deployment.items() if key not in HELD}
            empty = automation.Deployment(exported.version, left)
            lease.check()
            self._run(lambda _: stack.import_stack(empty))

    def keep(self, lease: Lease) -> None:
        """Do nothing: the state is all there is."""

    def known(self) -> frozenset[ObjectRef]:
        """Return the Kubernetes objects in the stack's state."""
        stack = self._run(lambda _: existing(self.session.stack, self.session.cluster))
        return frozenset(pulumi_state.objects(self._state(stack))) if stack else frozenset()

    def _selected(self, variables: Mapping[str, str] | None = None) -> automation.Stack:
        return select(self.session.stack, self.session.cluster, variables)

    def _state(self, stack: automation.Stack) -> Mapping[str, Any]:
        """Return what Pulumi keeps of the stack."""
        return self._run(lambda _: stack.export_stack()).deployment or {}

    def _take_up(self, stack: automation.Stack) -> Mapping[str, Any]:
        """Return the stack's state after what a run that was killed has made is in it."""
        exported = self._run(lambda _: stack.export_stack())
        deployment = exported.deployment or {}
        if not (pulumi_pending.creates(deployment) or pulumi_pending.updates(deployment)):
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
            file.write_text(yaml12.dump(dict(stack.document)), encoding="utf-8")
            yield str(file)

    def _run(self, work: Callable[[Callable[[EngineEvent], None]], T]) -> T:
        """Return the result of a Pulumi command; see `pulumi_errors.run`."""
        return pulumi_errors.run(self.session, work)


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
