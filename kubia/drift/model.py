"""What drift is: findings about objects, the words that this room shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubia.live.managed_fields import Owner
from kubia.program.objects import ObjectRef


@dataclass(frozen=True)
class Finding:
    """One thing that is not as declared, or (a warning) that is only to be known.

    `live` and `declared` are None where there is nothing. `owner` set it; nobody is known to have
    if that is None: all that can be said then is who was the `last` to write to the object.
    """

    text: str
    path: str = ""
    live: Any = None
    declared: Any = None
    owner: Owner | None = None
    last: Owner | None = None
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

    `must_replace`: it can only be deleted and made again, for it is immutable. `is_autoscaled`: its
    replicas are an autoscaler's.
    """

    key: ObjectRef
    findings: tuple[Finding, ...]
    manifest: Mapping[str, Any]
    live: Mapping[str, Any] | None = None
    must_replace: bool = False
    is_autoscaled: bool = False

    @property
    def counted(self) -> list[Finding]:
        """The findings that are drift."""
        return [finding for finding in self.findings if not finding.is_warning]

    @property
    def is_reparable(self) -> bool:
        """Whether the object itself is wrong, and not only somebody who makes use of it."""
        return self.live is None or any(finding.path for finding in self.counted)
