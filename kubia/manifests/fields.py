"""The fields that Kubernetes' objects have, as Pulumi's provider knows them: fields.json.

What the provider does not know it leaves out without a word; the API server never hears of it.
"""

import json
import reprlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kubia.errors import Problem, did_you_mean
from kubia.manifests.values import PLAIN, must_be_string, whole

Place = tuple[str | int, ...]

FILE = Path(__file__).with_name("fields.json")
"""By type, such as PodSpec: field → the type of what is in it: one of these, `str`, `int`, `bool`,
`int or str`, a list `[TYPE]`, a mapping `{TYPE}` of any keys, or "" for anything. tools/fields.py
writes it (`make schemas`)."""
_DIRECTIVE = "$patch"
_MAPPING = "a mapping of keys to values"
_PLAIN: Mapping[str, tuple[tuple[type, ...], str]] = {
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "int or str": ((int, str), "a whole number or a string"),
    "str": ((str,), "a string"),
}


@cache
def _types() -> Mapping[str, Mapping[str, str]]:
    types: Mapping[str, Mapping[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return types


def unknown(type_: str, value: Any, place: Place) -> Iterator[Problem]:
    """Yield what of a value its type does not know: fields that it has not, values of other types.

    Null is of every type, for it removes what is there; so is what only the caller's engine
    resolves.
    """
    if value is None or not isinstance(value, (str, *PLAIN)):
        return
    if type_.startswith("["):
        yield from _list_problems(type_[1:-1], value, place)
    elif type_.startswith("{") or type_ in _types():
        yield from _mapping_problems(type_, value, place)
    elif type_:
        kinds, what = _PLAIN[type_]
        # True is an int to Python, and to nobody else.
        is_odd = isinstance(value, bool) and bool not in kinds
        if is_odd or not isinstance(whole(value), kinds):
            text = must_be_string(value) if type_ == "str" else f"must be {what}"
            yield Problem(place, f"is {reprlib.repr(value)}; {text}")


def _list_problems(type_: str, value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        yield Problem(place, f"is {reprlib.repr(value)}; must be a list")
        return
    for index, item in enumerate(value):
        if item is None:
            yield Problem((*place, index), "is null, which is no item of a list; leave it out")
        yield from unknown(type_, item, (*place, index))


def _mapping_problems(type_: str, value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(place, f"is {reprlib.repr(value)}; must be {_MAPPING}")
        return
    fields = _types().get(type_, {})
    for field, inner in value.items():
        if not isinstance(field, str):
            yield Problem(place, f"has the key {field!r}; {must_be_string(field)}")
        elif type_ not in _types():
            yield from unknown(type_[1:-1], inner, (*place, field))
        elif field in fields:
            yield from unknown(fields[field], inner, (*place, field))
        elif field != _DIRECTIVE:
            hint = did_you_mean(field, fields)
            text = f"is no field of Kubernetes' {type_}{'; ' if hint else ''}{hint}"
            yield Problem((*place, field), text)
