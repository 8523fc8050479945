"""Plans in words, for people and (as JSON) for scripts."""

import difflib
from collections.abc import Iterator
from typing import Any

import yaml

from kubia.apply.diff import Field
from kubia.apply.model import Action, Plan
from kubia.errors import MASK

LONGEST = 20
"""Lines that are shown of a changed text."""
WIDEST = 200
"""Characters that are shown of a line."""
SIGNS = {"create": "+", "update": "~", "delete": "-"}
WORDS: dict[Action, str] = {
    "create": "created",
    "update": "changed",
    "delete": "deleted",
    "unchanged": "unchanged",
}


def lines(plan: Plan) -> Iterator[str]:
    """Return what changes, object by object and field by field, then how many of each."""
    yield from changes(plan)
    for key in plan.kept:
        yield f"  ! {key} is kept: it carries the stack's label but is not ours"
    for key in plan.in_use:
        yield f"  ! {key} is kept: pods that nobody waits for need it"
    for key in plan.retained:
        yield f"  ! {key} is kept: it holds data; delete it by hand when nobody needs that"
    for key in plan.standing:
        yield f"  ! pods of {key} stay as they are: its rollout is paused"
    yield from (f"  ! {note}" for note in plan.notes)
    yield summary(plan, "to be ")


def changes(plan: Plan) -> Iterator[str]:
    """Return what changes, object by object and field by field."""
    for change in plan.of("create", "update", "delete"):
        instead = f" (replaces {change.replaces.name})" if change.replaces else ""
        taken = "" if change.takeover is None else " (taken over: what others set goes)"
        again = " (has failed: is made anew)" if change.again else ""
        yield f"  {SIGNS[change.action]} {change.key}{instead}{taken}{again}"
        if change.action == "update" and not (change.fields or change.again):
            yield "      only which fields kubia manages"
        for field in change.fields:
            yield from of_field(field)


def summary(plan: Plan, prefix: str = "") -> str:
    """How many objects are created, changed, deleted and left alone."""
    counts = ((len(plan.of(action)), word) for action, word in WORDS.items())
    parts = [
        f"{count} {'' if word == 'unchanged' else prefix}{word}" for count, word in counts if count
    ]
    return ", ".join(parts) if parts else "nothing declared, nothing there"


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan for scripts; objects that stay as they are are only counted."""
    return {
        "stack": plan.desired.stack,
        "changes": [
            {
                "action": change.action,
                "group": change.key.group,
                "kind": change.key.kind,
                "namespace": change.key.namespace,
                "name": change.key.name,
                "replaces": change.replaces.name if change.replaces else None,
                "fields": [
                    {"path": field.path, "old": field.old, "new": field.new}
                    for field in change.fields
                ],
            }
            for change in plan.of("create", "update", "delete")
        ],
        "kept": [str(key) for key in (*plan.kept, *plan.staying)],
        "unchanged": len(plan.of("unchanged")),
    }


def of_field(field: Field) -> Iterator[str]:
    """Return how a field changes: text of several lines as a unified diff."""
    head = f"      {field.sign}"
    if isinstance(field.old, str) and isinstance(field.new, str) and "\n" in field.old + field.new:
        yield f"{head} {field.path}:"
        differing = [
            line
            for line in difflib.unified_diff(
                field.old.splitlines(), field.new.splitlines(), lineterm="", n=1
            )
            if not line.startswith(("---", "+++", "@@"))
        ]
        for line in differing[:LONGEST]:
            yield f"          {_clipped(line)}"
        if len(differing) > LONGEST:
            yield f"          … {len(differing) - LONGEST} more lines"
        return
    if field.sign != "~":
        value = field.old if field.new is None else field.new
        yield f"{head} {field.path}: {_clipped(short(value))}"
    elif field.old == MASK:
        yield f"{head} {field.path}: {MASK} changes"
    else:
        yield f"{head} {field.path}: {_clipped(short(field.old))} → {_clipped(short(field.new))}"


def _clipped(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}… ({len(text)} characters)"


def short(value: Any) -> str:
    """Return a value in one line, as YAML writes it."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n...\n").strip()
