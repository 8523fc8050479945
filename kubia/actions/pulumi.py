"""The pulumi engine: Pulumi's own CLI through its Automation API, on the project's own files."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar

import typer
from pulumi import automation
from pulumi.automation import EngineEvent

from kubia import console
from kubia.actions import pulumi_state, updates
from kubia.actions.pulumi_errors import STACK, PulumiErrors
from kubia.apply import errors
from kubia.apply.keeper import EngineName
from kubia.context import VARIABLE
from kubia.errors import MASK, InvalidError, KubiaError, refuse
from kubia.observe.monitor import RolloutMonitor
from kubia.program.objects import ObjectRef
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

TAKE_UP = {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}
"""Lets Pulumi's provider apply objects that exist as if it made them."""
HELD = ("resources", "pending_operations")
"""What a state says of resources."""


@dataclass(frozen=True)
class PulumiEngine:
    """Works through Pulumi's CLI; what it knows of a stack is in Pulumi's backend."""

    session: Session
    name: ClassVar[EngineName] = "pulumi"
    marks_members: ClassVar[bool] = False

    def declaring(self, stack: Stack) -> Self:
        """Return the same engine for the same stack as another file declares it."""
        return replace(self, session=replace(self.session, stack=stack))

    def check(self, options: UpOptions) -> None:
        """Refuse what Pulumi cannot do."""
        refuse(problem for name, problem in REFUSED.items() if getattr(options, name))

    def up(self, options: UpOptions, monitor: RolloutMonitor) -> dict[str, Any]:
        """Update the stack; return its outputs. Pulumi keeps the cause as the update's message."""
        self.check(options)
        # Pulumi's own words are lines, so what is observed must not stand among them.
        with monitor.on(console.Progress(None)):
            result = self._run(
                lambda hear: self._selected().up(
                    message=options.cause, on_output=console.err, on_event=hear
                )
            )
        return _masked(result.outputs, show_secrets=False)

    def preview(self, *, force_conflicts: bool, as_json: bool) -> bool:
        """Show what an update would change; return whether it is anything."""
        if force_conflicts:
            raise InvalidError([FORCE])
        print_line = console.err if as_json else console.out
        result = self._run(
            lambda hear: self._selected().preview(diff=True, on_output=print_line, on_event=hear)
        )
        counts = {str(getattr(op, "value", op)): n for op, n in result.change_summary.items()}
        if as_json:
            summary = {"stack": self.session.stack.name, "changes": counts}
            console.out(json.dumps(summary, indent=2))
        return any(count for op, count in counts.items() if op != "same")

    def down(self, *, yes: bool) -> None:
        """Delete everything that the stack made; nothing if any of it is protected."""
        stack = self._run(lambda _: self._selected())
        errors.refuse_protected(_protected(self._run(lambda _: stack.export_stack())))
        if not yes:
            question = f"Delete everything in stack {self.session.stack.name}?"
            typer.confirm(question, abort=True, err=True)
        self._run(lambda hear: stack.destroy(on_output=console.err, on_event=hear))

    def outputs(self, *, show_secrets: bool) -> dict[str, Any]:
        """Return the stack's outputs after its last update."""
        stack = self.session.stack
        return _masked(self._run(lambda _: select(stack).outputs()), show_secrets=show_secrets)

    def history(self) -> list[Release]:
        """Return the stack's updates, oldest first, as far as Pulumi tells them.

        Values that hold a secret are left out of the document, and there are no sites' files.
        """
        return self._run(lambda _: updates.releases(self._selected()))

    def document(self, release: Release) -> dict[str, Any]:
        """Return the stack file's content as the update had it, but for keys that hold secrets.

        Pulumi's history opens secrets or hides them, so these stay as the file has them.
        """
        stack = self.session.stack
        config = stack.document.get("config", {})
        kept = {key: value for key, value in config.items() if key in stack.secret_keys}
        return {**stack.document, "config": {**release.document["config"], **kept}}

    @cached_property
    def record(self) -> str:
        """The stack's state in the backend that is chosen."""
        stack = self.session.stack
        if not is_installed():
            return "the stack's state in Pulumi's backend"
        return f"the stack's state in {self._run(lambda _: workspace(stack).who_am_i()).url}"

    def adopt(self) -> None:
        """Let a state arise of what is live: each object is applied as it is.

        What the state held before is from a move that was not finished. Pulumi's provider takes up
        what exists if told to; the update that comes after, as any other, leaves no trace of that.
        """
        self.release()
        console.err("what Pulumi calls created is live already: it is applied as it is")
        taking_up = self._selected(TAKE_UP)
        for stack in (taking_up, self._selected()):
            self._run(
                lambda hear, stack=stack: stack.up(  # type: ignore[misc]  # mypy #15459
                    message="moved from kubectl", on_output=console.err, on_event=hear
                )
            )

    def release(self) -> None:
        """Empty the stack's state; its history stays."""
        stack = self._run(lambda _: self._selected())
        exported = self._run(lambda _: stack.export_stack())
        deployment = exported.deployment or {}
        if any(map(deployment.get, HELD)):
            left = {key: value for key, value in deployment.items() if key not in HELD}
            empty = automation.Deployment(exported.version, left)
            self._run(lambda _: stack.import_stack(empty))

    def keep(self) -> None:
        """Do nothing: the state is all there is."""

    def known(self) -> frozenset[ObjectRef]:
        """Return the Kubernetes objects in the stack's state."""
        stack = self._run(lambda _: self._selected())
        return pulumi_state.objects(self._run(lambda _: stack.export_stack()).deployment or {})

    def _selected(self, variables: Mapping[str, str] | None = None) -> automation.Stack:
        return select(self.session.stack, self.session.cluster, variables)

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


def select(
    stack: Stack, context: str | None = None, variables: Mapping[str, str] | None = None
) -> automation.Stack:
    """Return the stack in the backend that the user has chosen, or else in the project's folder."""
    named = {VARIABLE: context} if context else {}
    return automation.Stack.create_or_select(
        stack.name, workspace(stack, {**named, **(variables or {})})
    )


def workspace(
    stack: Stack, variables: Mapping[str, str] | None = None
) -> automation.LocalWorkspace:
    """Return the project's own folder as Pulumi's workspace."""
    root = stack.project.root
    env_vars = {**pulumi_state.environment(root), **(variables or {})}
    return automation.LocalWorkspace(work_dir=str(root), env_vars=env_vars)


def is_installed() -> bool:
    """Whether Pulumi's CLI is on PATH."""
    return shutil.which("pulumi") is not None


def _protected(exported: automation.Deployment) -> list[ObjectRef]:
    """Return the objects in a stack's state that are protected; else the protected components."""
    resources = (exported.deployment or {}).get("resources") or ()
    protected = [resource for resource in resources if resource.get("protect")]
    objects = [
        ObjectRef.of(resource["outputs"])
        for resource in protected
        if (resource.get("outputs") or {}).keys() >= {"apiVersion", "kind", "metadata"}
    ]
    return objects or [
        ObjectRef("", resource["type"], "", resource["urn"].rpartition("::")[2])
        for resource in protected
        if resource["type"] != STACK
    ]


def _masked(outputs: Mapping[str, automation.OutputValue], *, show_secrets: bool) -> dict[str, Any]:
    return {
        name: MASK if output.secret and not show_secrets else output.value
        for name, output in sorted(outputs.items())
    }
