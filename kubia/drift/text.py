"""Drift in words, for people and (as JSON) for scripts."""

from collections.abc import Iterator
from typing import Any

from kubia.apply import text
from kubia.apply.diff import Field
from kubia.drift.model import Drifted, Finding


def lines(drifted: list[Drifted]) -> Iterator[str]:
    """Return the findings, object by object, then how many of them are drift."""
    for item in drifted:
        yield f"  {'~' if item.counted else '!'} {item.key}"
        for finding in item.findings:
            by = f" — {finding.by}" if finding.by else ""
            yield f"      {'!' if finding.is_warning else '~'} {_text(finding)}{by}"
    count = sum(len(item.counted) for item in drifted)
    objects = sum(bool(item.counted) for item in drifted)
    yield f"drift (live → declared): {count} in {_objects(objects)}" if count else "no drift"


def as_json(stack: str, drifted: list[Drifted]) -> dict[str, Any]:
    """Return the findings for scripts."""
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
                "lastWriter": finding.last.manager if finding.last else None,
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
    change = next(iter(text.of_field(field))).strip()[2:]
    return f"{finding.text}: {change}"


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"
