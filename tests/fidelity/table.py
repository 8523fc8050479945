"""What the docs say of a generic chart's fields: a sentence, and a table, a row for each object."""

from collections import Counter
from collections.abc import Sequence

from tests.fidelity.fields import FIELDS, Field

HEAD = "| Object | First-class | By `raw` | Another resource of the program |"


def sentence() -> str:
    """Return how many fields there are, and how they are had."""
    count = Counter(field.how for field in FIELDS)
    return (
        f"Of {len(FIELDS)} fields {count['first-class']} are first-class, {count['raw']} are added "
        f"by `raw`, and {count['program']} are other resources of the same program."
    )


def rows() -> list[str]:
    """Return the rows of the table."""
    return [_row(name) for name in dict.fromkeys(field.object for field in FIELDS)]


def _row(name: str) -> str:
    """Return an object's row."""
    own = [field for field in FIELDS if field.object == name]
    cells = [
        name,
        _grouped([each for each in own if each.how == "first-class"]),
        _grouped([each for each in own if each.how == "raw"]),
        ", ".join(each.name + _reason(each) for each in own if each.how == "program"),
    ]
    return f"| {' | '.join(cells)} |"


def _reason(field: Field) -> str:
    """Return why the field of an object that an entry makes cannot be set, if it has such a one."""
    why = field.content.get("why")
    return f" (not of an entry's own: {why})" if why else ""


def _grouped(fields: Sequence[Field]) -> str:
    """Return the fields' names by where they are, those at the entry's top first."""
    names: dict[str, list[str]] = {"": []}
    for field in fields:
        names.setdefault(_place(field), []).append(field.name + _elsewhere(field))
    groups = [(place, ", ".join(each)) for place, each in names.items() if each]
    return "; ".join(f"{place}: {each}" if place else each for place, each in groups)


def _place(field: Field) -> str:
    """Return what holds the field in an entry; nothing if it says itself where it is."""
    if field.how == "raw":
        level = field.entry.get("podSecurity")
        return f"`raw.{field.added[0]}`" + (f" with `podSecurity: {level}`" if level else "")
    place = field.content.get("from")
    return f"`{place}`" if place and not _elsewhere(field) else ""


def _elsewhere(field: Field) -> str:
    """Return where the field is found, if not under its own name."""
    keys = field.content.get("key", "")
    return f" ({keys})" if keys else ""
