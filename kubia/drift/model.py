"""What drift is: findings about objects, the words that this room shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubia.apply import hashed_content
from kubia.live.left_alone import Left
from kubia.live.managed_fields import Owner
from kubia.program.objects import ObjectRef


@dataclass(frozen=True)
class Finding:
    """One thing that is not as declared, or (a warning) that is only to be known.

    `live` and `declared` are None where there is nothing. `owner` set it; nobody is known to have
    if that is None: all that can be said then is who was the `last` to write to the object. `pod`
    is one that a repair deletes, for its controller makes it anew.
    """

    text: str
    path: str = ""
    live: Any = None
    declared: Any = None
    owner: Owner | None = None
    last: Owner | None = None
    pod: Mapping[str, Any] | None = None
    is_warning: bool = False

    @property
    def by(self) -> str:
        """Who did it, as far as is known."""
        if self.owner:
            return f"by {self.owner}"
        return f"by unknown; last writer {self.last}" if self.last else ""


@dataclass(frozen=True)
class Drifted:
    """One object and the findings about it. `manifest` repairs it; `live` is the object, if any.

    `refusal` is why the server would not take what is declared, or "". `must_replace`: it can only
    be deleted and made again, for it is immutable; not if it `is_protected`. What is `left` of it
    stays others'. `users` are the workloads whose pods need it, if it is content.
    """

    key: ObjectRef
    findings: tuple[Finding, ...]
    manifest: Mapping[str, Any]
    live: Mapping[str, Any] | None = None
    refusal: str = ""
    must_replace: bool = False
    is_protected: bool = False
    left: frozenset[Left] = frozenset()
    users: tuple["Drifted", ...] = ()

    @property
    def counted(self) -> list[Finding]:
        """The findings that are drift."""
        return [finding for finding in self.findings if not finding.is_warning]

    @property
    def is_ending(self) -> bool:
        """Whether the object is being deleted."""
        return self.live is not None and "deletionTimestamp" in self.live["metadata"]

    @property
    def is_stale(self) -> bool:
        """Whether pods may have other content than what is declared, even once that is put back."""
        return self.live is not None and self.key.kind in hashed_content.KINDS and self.is_reparable

    @property
    def is_reparable(self) -> bool:
        """Whether the object itself is wrong, and not only somebody who makes use of it."""
        return self.live is None or any(finding.path for finding in self.counted)
