"""Why a command of Pulumi's failed: the reasons that its engine gives, without what was printed."""

import re
from collections.abc import Callable
from typing import TypeVar

from pulumi import automation
from pulumi.automation import EngineEvent

from kubia.errors import InvalidError, KubiaError
from kubia.session import Session

T = TypeVar("T")

STACK = "pulumi:pulumi:Stack"
"""The type of the resource that stands for the whole stack."""
BROKEN = "failed to load checkpoint"
"""What Pulumi says of a state that it cannot read."""
_COLOUR = re.compile(r"<\{%.*?%\}>")
_CLOSING = re.compile(
    r"(an unhandled error occurred: )?program exited .*|(update|preview|destroy) (failed|canceled)"
)
"""What comes after the reasons, and is none."""


class PulumiErrors:
    """Hears a command's events and keeps the errors among them."""

    def __init__(self) -> None:
        """Know none yet."""
        self.of_program: list[str] = []
        """What is about no resource, so that the program itself may have said it."""
        self._texts: list[str] = []

    def hear(self, event: EngineEvent) -> None:
        """Keep the event if it is an error."""
        diagnostic = event.diagnostic_event
        if diagnostic is None or diagnostic.severity != "error":
            return
        message = _COLOUR.sub("", diagnostic.message).strip()
        whose = _resource(diagnostic.urn or "")
        if not whose:
            self.of_program.append(message)
        text = f"{whose}: {message}" if whose else message
        if text not in self._texts:
            self._texts.append(text)

    def text(self, error: automation.CommandError) -> str:
        """Return the reasons, one below the other; without any, what the command ended with."""
        reasons = [text for text in self._texts if not _CLOSING.fullmatch(text)]
        last_words = str(error).rpartition("\n stderr: ")[2].strip()
        return "\n".join(reasons or self._texts or [last_words])


def run(session: Session, work: Callable[[Callable[[EngineEvent], None]], T]) -> T:
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
            _refuse_mistake(session, heard.of_program)
        reasons = heard.text(error)
        if BROKEN in reasons:
            reasons += "\n" + _way_out(session)
        message = f"pulumi failed:\n{reasons}"
        raise KubiaError(message) from error


def _way_out(session: Session) -> str:
    """Say what to do about a state that cannot be read; the backend keeps the one before it."""
    stack = session.stack
    file = f".pulumi/stacks/{stack.project.name}/{stack.name}.json"
    return (
        f"a run was killed while it wrote the state of stack {stack.name}: put the one before it "
        f"back, in the backend {file}.bak as {file} and {file}.bak.attrs as {file}.attrs, then "
        "`kubia up`, which asks the cluster for the rest"
    )


def _refuse_mistake(session: Session, texts: list[str]) -> None:
    """Raise the user's mistake if the program tells one in these very words.

    Pulumi hands over its text alone, and not that it is one.
    """
    try:
        _ = session.program
    except InvalidError as mistake:
        if str(mistake) in texts:
            raise
    except KubiaError:
        pass


def _resource(urn: str) -> str:
    """Return the kind and name of a resource, `Deployment web`; nothing for the stack itself."""
    parts = urn.split("::", 3)
    if len(parts) < len(("stack", "project", "type", "name")):
        return ""
    kind = parts[2].rpartition("$")[2]
    return "" if kind == STACK else f"{kind.rpartition(':')[2]} {parts[3]}"
