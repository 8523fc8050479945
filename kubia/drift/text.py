"""What was found, in words and for scripts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubia.apply import text
from kubia.apply.diff import Field
from kubia.live.managed_fields import Owner
from kubia.program.objects import ObjectRef
from kubia.program.values import Path


@dataclass(frozen=True)
class Finding:
    """One thing that is not as declared, or (a warning) that is only to be known.

    `live` and `declared` are None where there is nothing; `steps` lead to a field that somebody
    added; `owner` is None if nobody can be told.
    """

    text: str
    path: str = ""
    live: Any = None
    declared: Any = None
    owner: Owner | None = None
    steps: Path = ()
    is_warning: bool = False


@dataclass(frozen=True)
class Drifted:
    """One object and what was found. `manifest` repairs it; `found` is the live object, if any.

    `anew`: it can only be deleted and made again, for it is immutable.
    """

    key: ObjectRef
    findings: tuple[Finding, ...]
    manifest: Mapping[str, Any]
    found: Mapping[str, Any] | None = None
    anew: bool = False

    @property
    def counted(self) -> list[Finding]:
        """The findings that are drift."""
        return [finding for finding in self.findings if not finding.is_warning]

    @property
    def is_reparable(self) -> bool:
        """Whether the object itself is wrong, and not only somebody who makes use of it."""
        return self.found is None or any(finding.path for finding in self.counted)


def lines(drifted: list[Drifted]) -> Iterator[str]:
    """Return what was found, object by object, then how much of it is drift."""
    for item in drifted:
        yield f"  {'~' if item.counted else '!'} {item.key}"
        for finding in item.findings:
            by = f" — by {finding.owner}" if finding.owner else ""
            yield f"      {'!' if finding.is_warning else '~'} {_text(finding)}{by}"
    count = sum(len(item.counted) for item in drifted)
    objects = sum(bool(item.counted) for item in drifted)
    yield f"drift (live → declared): {count} in {_objects(objects)}" if count else "no drift"


def as_json(stack: str, drifted: list[Drifted]) -> dict[str, Any]:
    """Return what was found for scripts."""
    return {
        "stack": stack,
        "drift": sum(len(item.counted) for item in drifted),
        "findings": [
            {
                "kind": item.key.kind,
                "namespace": item.key.namespace,
                "name": item.key.name,
                "what": finding.text,
                "path": finding.path,
                "live": finding.live,
                "declared": finding.declared,
                "manager": finding.owner.manager if finding.owner else None,
                "operation": finding.owner.operation if finding.owner else None,
                "time": finding.owner.time if finding.owner else None,
                "warning": finding.is_warning,
            }
            for item in drifted
            for finding in item.findings
        ],
    }


def _text(finding: Finding) -> str:
    if not finding.path:
        return finding.text
    field = Field(finding.path, finding.live, finding.declared)
    told = next(iter(text.of_field(field))).strip()[2:]
    return f"{finding.text}: {told}"


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"
