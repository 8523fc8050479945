"""Why a command of Pulumi's failed: the reasons that its engine gives, without what was printed."""

import re

from pulumi import automation
from pulumi.automation import EngineEvent

STACK = "pulumi:pulumi:Stack"
"""The type of the resource that stands for the whole stack."""
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


def _resource(urn: str) -> str:
    """Return the kind and name of a resource, `Deployment web`; nothing for the stack itself."""
    parts = urn.split("::", 3)
    if len(parts) < len(("stack", "project", "type", "name")):
        return ""
    kind = parts[2].rpartition("$")[2]
    return "" if kind == STACK else f"{kind.rpartition(':')[2]} {parts[3]}"
