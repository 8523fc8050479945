"""What a stack left in a cluster whose file is gone: known from the cluster's own records."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from kubia import cluster, console, context
from kubia.actions import history
from kubia.actions.take_down import take_down
from kubia.apply import applyset, plan
from kubia.apply.api import Api
from kubia.apply.applyset import Parent
from kubia.apply.connection import Connection, connect
from kubia.apply.model import DesiredState
from kubia.errors import InvalidError, KubiaError
from kubia.project import contract, stackfile
from kubia.releases import store
from kubia.releases.release import Release

PATIENCE = 5.0
"""Seconds that a cluster may take to say what it holds, where only an error's text needs it."""


@dataclass(frozen=True)
class Leftover:
    """A stack without a file, as the cluster of a context knows it."""

    context: str
    stack: DesiredState
    releases: list[Release]
    connect: Callable[[str], AbstractContextManager[Connection]] = connect

    def show(self, number: int | None, *, as_json: bool) -> None:
        """Print the stack's releases, and how to delete what it left."""
        chosen = f"--stack {self.stack.stack}{cluster.option(self.context)}"
        console.err(f"{self._text}; `kubia down {chosen}` deletes it")
        history.show(self.releases, number, as_json=as_json)

    def down(self, *, yes: bool, delete_namespace: bool = False) -> list[str]:
        """Delete what belongs to the stack; a namespace with others' objects only if told to.

        Raises:
            MistakeError: the stack could not be in this context, by the file that it had.

        """
        last = next((item.document for item in reversed(self.releases) if item.document), None)
        patterns = contract.patterns(last or {}, self.stack.project)
        if patterns:
            another = f"name another one by --context or ${context.VARIABLE}"
            context.allowed(self.context, patterns, self.stack.stack, another)
        console.err(self._text)
        with self.connect(self.context) as connection:
            api = Api(connection)
            return take_down(api, self.stack, yes=yes, delete_namespace=delete_namespace)

    @property
    def _text(self) -> str:
        return (
            f"stack {self.stack.stack} has no file any more: what it left in context "
            f"{self.context} is known from {self.stack.parent.key}"
        )


def of(
    folder: Path,
    stack: str,
    named: str | None,
    connect: Callable[[str], AbstractContextManager[Connection]] = connect,
) -> Leftover | None:
    """Return what a stack without a file left in the cluster that is meant; None if it has one.

    `named` is the context that the user gave.

    Raises:
        InvalidError: there is no such file, and nothing was left.

    """
    project = stackfile.project(folder)
    if stackfile.file(project, stack).is_file():
        return None
    reached = cluster.meant(named)
    found = _read(project.name, stack, reached, connect) if reached else None
    if found is None:
        stackfile.stack(project, stack)  # there is none, which this says
    return found


def refuse(folder: Path, stack: str, named: str | None) -> None:
    """Refuse a stack without a file that left something in the cluster that is meant.

    Raises:
        InvalidError: it did.

    """
    found: list[Leftover] = []

    def ask() -> None:
        try:
            found.extend(filter(None, [of(folder, stack, named)]))
        except (KubiaError, OSError):  # the command itself says what is wrong
            return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    for one in found:
        chosen = f"--stack {stack}{cluster.option(one.context)}"
        problem = (
            f"stack {stack!r} has no file any more, but context {one.context} holds what it made "
            f"({one.stack.parent.key}): delete that by `kubia down {chosen}`, see it by "
            f"`kubia history {chosen}`, or put the file back from version control."
        )
        raise InvalidError([problem])


def _read(
    project: str,
    stack: str,
    reached: str,
    connect: Callable[[str], AbstractContextManager[Connection]],
) -> Leftover | None:
    unknown = DesiredState(project, stack, applyset.parent(project, stack, ""), ())
    with connect(reached) as connection:
        api = Api(connection)
        parents = plan.find_parents(api, unknown)
        if not parents:
            return None
        # The newest namespace has the releases; of a stack that has not moved there is one.
        states = [replace(unknown, parent=_empty(parent)) for parent in parents]
        kept = [(store.load(api, state), state) for state in states]
    releases, state = max(kept, key=lambda pair: pair[0][-1].time if pair[0] else "")
    return Leftover(reached, state, releases, connect)


def _empty(parent: Parent) -> Parent:
    return Parent(parent.name, parent.namespace)
