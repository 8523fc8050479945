"""The pulumi engine: Pulumi's own CLI through its Automation API, on the project's own files."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import typer
from pulumi import automation

from kubia import console
from kubia.actions.outputs import MASK
from kubia.config import decoded
from kubia.context import VARIABLE
from kubia.errors import InvalidError, KubiaError
from kubia.observe.monitor import RolloutMonitor
from kubia.project.passphrase import VARIABLE as PASSPHRASE
from kubia.project.stackfile import Stack
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from kubia.session import Session

T = TypeVar("T")

STATE = ".pulumi-state"
"""The folder of the project that keeps the state where no backend was chosen; git ignores it."""


def up(session: Session, wish: UpOptions, watch: RolloutMonitor) -> dict[str, Any]:
    """Update the stack; its outputs. Pulumi keeps the cause as the update's message."""
    if wish.undo_on_failure:
        problem = (
            "--undo-on-failure: the pulumi engine cannot undo by itself; leave it out and run "
            "`kubia rollback` when an update fails, or use --engine kubectl."
        )
        raise InvalidError((problem,))
    # Pulumi's own words are lines, so what is watched must not stand among them.
    with watch.on(console.Progress(None)):
        result = _run(lambda: _at(session).up(message=wish.cause, on_output=console.err))
    return _masked(result.outputs, show_secrets=False)


def preview(session: Session, *, as_json: bool) -> bool:
    """Show what an update would change; whether it is anything."""
    say = console.err if as_json else console.out
    result = _run(lambda: _at(session).preview(diff=True, on_output=say))
    counts = {str(getattr(op, "value", op)): n for op, n in result.change_summary.items()}
    if as_json:
        told = {"stack": session.stack.name, "changes": counts}
        console.out(json.dumps(told, indent=2))
    return any(count for op, count in counts.items() if op != "same")


def down(session: Session, *, yes: bool) -> None:
    """Delete everything that the stack made."""
    if not yes:
        typer.confirm(f"Delete everything in stack {session.stack.name}?", abort=True, err=True)
    _run(lambda: _at(session).destroy(on_output=console.err))


def outputs(stack: Stack, *, show_secrets: bool) -> dict[str, Any]:
    """Return the stack's outputs after its last update."""
    return _masked(_run(lambda: select(stack).outputs()), show_secrets=show_secrets)


def history(session: Session) -> list[Release]:
    """Return the stack's updates, oldest first, as far as Pulumi tells them.

    Values that hold a secret are left out of the document, and there are no sites' files.
    """
    updates = _run(lambda: _at(session).history())
    return [_release(update) for update in reversed(updates) if update.kind == "update"]


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


def _at(session: Session) -> automation.Stack:
    if session.context is None:
        message = (
            "the local cluster is not running: start it by `kubia cluster up`, "
            "or name another one by --context."
        )
        raise KubiaError(message)
    return select(session.stack, session.context)


def _run(work: Callable[[], T]) -> T:
    """Return the result of a Pulumi command; its own words if it fails."""
    try:
        return work()
    except automation.CommandError as error:
        message = f"pulumi failed:\n{str(error).strip()}"
        raise KubiaError(message) from error


def _masked(told: Mapping[str, automation.OutputValue], *, show_secrets: bool) -> dict[str, Any]:
    return {
        name: MASK if output.secret and not show_secrets else output.value
        for name, output in sorted(told.items())
    }
