"""The fields in which a live object is not as declared, and who set them."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia.apply import diff, hashed_content
from kubia.apply.api import FIELD_MANAGER
from kubia.apply.diff import Field
from kubia.drift.model import Finding
from kubia.live import left_alone, managed_fields
from kubia.program.values import Path, show

Live = Mapping[str, Any]


def of_outcome(
    live: Live, outcome: Live, secrets: tuple[Path, ...], *, strict: bool
) -> Iterator[Finding]:
    """Yield how the live object differs from what it would be if nobody else had written to it."""
    for field in diff.changes(live, outcome, secrets):
        items = [*_injected(field)]
        if items:
            yield from (_of_item(live, item, strict=strict) for item in items)
        else:
            yield _of_field(live, field)


def of_immutable(live: Live, declared: Live, secrets: tuple[Path, ...]) -> Iterator[Finding]:
    """Yield how the live object differs where it cannot be changed into what is declared."""
    if declared["kind"] in hashed_content.KINDS:
        both = hashed_content.content(live), hashed_content.content(declared)
    else:
        both = _part(live, declared), dict(declared)
    for field in diff.changes(*both, secrets):
        yield _of_field(live, field)


def _injected(field: Field) -> Iterator[tuple[left_alone.Path, Any]]:
    """Yield the containers and volumes of a pod that the field adds, each with its path."""
    steps = tuple(map(str, field.steps))
    if field.new is not None:
        return
    if left_alone.is_left(steps, "lenient"):
        yield steps, field.old
    elif isinstance(field.old, list) and left_alone.is_left((*steps, "name"), "lenient"):
        yield from (((*steps, str(item.get("name"))), item) for item in field.old)


def _of_item(live: Live, item: tuple[left_alone.Path, Any], *, strict: bool) -> Finding:
    (*parents, name), value = item
    return Finding(
        text="unowned volume" if parents[-1] == "volumes" else "unowned container",
        path=f"{show(tuple(parents))}[{name}]",
        live={key: value[key] for key in ("name", "image") if key in value},
        owner=managed_fields.owner_of(live, (*parents, name), FIELD_MANAGER),
        last=managed_fields.last_other(live, FIELD_MANAGER),
        is_warning=not strict,
    )


def _of_field(live: Live, field: Field) -> Finding:
    text = "added" if field.new is None else "removed" if field.old is None else "changed"
    owner = None
    if field.old is not None:
        owner = managed_fields.owner_of(live, field.steps, FIELD_MANAGER)
    last = managed_fields.last_other(live, FIELD_MANAGER)
    return Finding(text, field.path, field.old, field.new, owner, last)


def _part(live: Any, declared: Any) -> Any:
    """Return as much of the live value as is declared, and what more items lists have."""
    if isinstance(live, Mapping) and isinstance(declared, Mapping):
        return {key: _part(live[key], value) for key, value in declared.items() if key in live}
    if isinstance(live, list) and isinstance(declared, list):
        same = [_part(*pair) for pair in zip(live, declared, strict=False)]
        return [*same, *live[len(same) :]]
    return live
