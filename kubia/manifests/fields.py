"""The fields that Kubernetes' objects have, as Pulumi's provider knows them: fields.json.

What the provider does not know it leaves out without a word; the API server never hears of it.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kubia.errors import Problem, did_you_mean

FILE = Path(__file__).with_name("fields.json")
"""By type, such as PodSpec: field → the type of what is in it, "" if it is plain. tools/fields.py
writes it (`make schemas`)."""
_DIRECTIVE = "$patch"


@cache
def _types() -> Mapping[str, Mapping[str, str]]:
    types: Mapping[str, Mapping[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return types


def unknown(type_: str, value: Any, place: tuple[str | int, ...]) -> Iterator[Problem]:
    """Yield the fields in a value that its type has not; of types unknown here, all is known."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from unknown(type_, item, (*place, index))
    elif isinstance(value, Mapping) and (fields := _types().get(type_)):
        for field, inner in value.items():
            if field in fields:
                yield from unknown(fields[field], inner, (*place, field))
            elif field != _DIRECTIVE:
                hint = did_you_mean(str(field), fields)
                text = f"is no field of Kubernetes' {type_}{'; ' if hint else ''}{hint}"
                yield Problem((*place, field), text)
