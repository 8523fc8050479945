"""Where Pulumi keeps its stacks: the backend that is chosen, or a folder where nobody has."""

import os
from collections.abc import Mapping
from pathlib import Path

from pulumi import automation

from kubia.context import VARIABLE
from kubia.project.passphrase import VARIABLE as PASSPHRASE
from kubia.project.stackfile import Stack

FOLDER = ".pulumi-state"
"""The folder of the project that keeps the state where no backend was chosen; git ignores it."""
BACKEND = "PULUMI_BACKEND_URL"


def select(
    stack: Stack, context: str | None = None, variables: Mapping[str, str] | None = None
) -> automation.Stack:
    """Return the stack in the backend that the user has chosen, or else in the project's folder."""
    named = {VARIABLE: context} if context else {}
    return automation.Stack.create_or_select(
        stack.name, workspace(stack, {**named, **(variables or {})})
    )


def existing(stack: Stack, context: str | None = None) -> automation.Stack | None:
    """Return the stack if there is one."""
    named = {VARIABLE: context} if context else {}
    try:
        return automation.Stack.select(stack.name, workspace(stack, named))
    except automation.StackNotFoundError:
        return None


def workspace(
    stack: Stack, variables: Mapping[str, str] | None = None
) -> automation.LocalWorkspace:
    """Return the project's own folder as Pulumi's workspace."""
    root = stack.project.root
    env_vars = {**environment(root), **(variables or {})}
    return automation.LocalWorkspace(work_dir=str(root), env_vars=env_vars)


def environment(root: Path) -> dict[str, str]:
    """Return the variables that choose a local backend where the user has chosen none.

    Its secrets are then encrypted with an empty passphrase unless one is set.
    """
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    if BACKEND in os.environ or (home / "credentials.json").is_file():
        return {}
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    chosen = {BACKEND: folder.as_uri()}
    if not {PASSPHRASE, f"{PASSPHRASE}_FILE"} & os.environ.keys():
        chosen[PASSPHRASE] = ""
    return chosen
