"""The pulumi engine: Pulumi's own CLI through its Automation API, on the project's own files."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import typer
from pulumi import automation

from kubia import console
from kubia.config import decoded
from kubia.context import VARIABLE
from kubia.errors import MASK, InvalidError, KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.project.passphrase import VARIABLE as PASSPHRASE
from kubia.project.stackfile import Stack
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session

T = TypeVar("T")

STATE = ".pulumi-state"
"""The folder of the project that keeps the state where no backend was chosen; git ignores it."""


@dataclass(frozen=True)
class PulumiEngine:
    """Works through Pulumi's CLI; what it knows of a stack is in Pulumi's backend."""

    session: Session

    def declaring(self, stack: Stack) -> Self:
        """Return the same engine for the same stack as another file declares it."""
        return replace(self, session=replace(self.session, stack=stack))

    def up(self, options: UpOptions, monitor: RolloutMonitor) -> dict[str, Any]:
        """Update the stack; return its outputs. Pulumi keeps the cause as the update's message."""
        if options.undo_on_failure:
            problem = (
                "--undo-on-failure: the pulumi engine cannot undo by itself; leave it out and run "
                "`kubia rollback` when an update fails, or use --engine kubectl."
            )
            raise InvalidError([problem])
        # Pulumi's own words are lines, so what is observed must not stand among them.
        with monitor.on(console.Progress(None)):
            result = _run(lambda: self._selected().up(message=options.cause, on_output=console.err))
        return _masked(result.outputs, show_secrets=False)

    def preview(self, *, force_conflicts: bool, as_json: bool) -> bool:  # noqa: ARG002 - Pulumi has no such flag
        """Show what an update would change; return whether it is anything."""
        print_line = console.err if as_json else console.out
        result = _run(lambda: self._selected().preview(diff=True, on_output=print_line))
        counts = {str(getattr(op, "value", op)): n for op, n in result.change_summary.items()}
        if as_json:
            summary = {"stack": self.session.stack.name, "changes": counts}
            console.out(json.dumps(summary, indent=2))
        return any(count for op, count in counts.items() if op != "same")

    def down(self, *, yes: bool) -> None:
        """Delete everything that the stack made."""
        if not yes:
            question = f"Delete everything in stack {self.session.stack.name}?"
            typer.confirm(question, abort=True, err=True)
        _run(lambda: self._selected().destroy(on_output=console.err))

    def outputs(self, *, show_secrets: bool) -> dict[str, Any]:
        """Return the stack's outputs after its last update."""
        stack = self.session.stack
        return _masked(_run(lambda: select(stack).outputs()), show_secrets=show_secrets)

    def history(self) -> list[Release]:
        """Return the stack's updates, oldest first, as far as Pulumi tells them.

        Values that hold a secret are left out of the document, and there are no sites' files.
        """
        updates = _run(lambda: self._selected().history())
        return [_release(update) for update in reversed(updates) if update.kind == "update"]

    def document(self, release: Release) -> dict[str, Any]:
        """Return the stack file's content as the update had it, but for keys that hold secrets.

        Pulumi's history opens secrets or hides them, so these stay as the file has them.
        """
        stack = self.session.stack
        config = stack.document.get("config", {})
        kept = {key: value for key, value in config.items() if key in stack.secret_keys}
        return {**stack.document, "config": {**release.document["config"], **kept}}

    def _selected(self) -> automation.Stack:
        return select(self.session.stack, self.session.cluster)


def select(stack: Stack, context: str | None = None) -> automation.Stack:
    """Return the stack in the backend that the user has chosen, or else in the project's folder."""
    variables = environment(stack.project.root)
    if context:
        variables[VARIABLE] = context
    workspace = automation.LocalWorkspace(work_dir=str(stack.project.root), env_vars=variables)
    return automation.Stack.create_or_select(stack.name, workspace)


def environment(root: Path) -> dict[str, str]:
    """Return the variables that choose a local backend where the user has chosen none.

    Its secrets are then encrypted with an empty passphrase unless one is set.
    """
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    if "PULUMI_BACKEND_URL" in os.environ or (home / "credentials.json").is_file():
        return {}
    folder = root / STATE
    folder.mkdir(exist_ok=True)
    chosen = {"PULUMI_BACKEND_URL": folder.as_uri()}
    if not {PASSPHRASE, f"{PASSPHRASE}_FILE"} & os.environ.keys():
        chosen[PASSPHRASE] = ""
    return chosen


def _release(update: automation.UpdateSummary) -> Release:
    known = update.environment or {}
    config = {
        key: decoded(item.value) for key, item in (update.config or {}).items() if not item.secret
    }
    counts = update.resource_changes or {}
    return Release(
        number=update.version or 0,
        time=update.start_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        who=known.get("git.author") or known.get("exec.kind") or "",
        cause=update.message or "",
        outcome="deployed" if update.result == "succeeded" else "failed",
        digest=json.dumps(config, sort_keys=True),
        document={"config": config},
        sites=None,
        diff=tuple(f"{count} {op}" for op, count in sorted(counts.items())),
    )


def _run(work: Callable[[], T]) -> T:
    """Return the result of a Pulumi command.

    Raises:
        KubiaError: it failed; the text is Pulumi's own.

    """
    try:
        return work()
    except automation.CommandError as error:
        message = f"pulumi failed:\n{str(error).strip()}"
        raise KubiaError(message) from error


def _masked(outputs: Mapping[str, automation.OutputValue], *, show_secrets: bool) -> dict[str, Any]:
    return {
        name: MASK if output.secret and not show_secrets else output.value
        for name, output in sorted(outputs.items())
    }
