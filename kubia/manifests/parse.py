"""Plain data to specs: every problem at once, each with its place, value, what is allowed."""

import dataclasses
import difflib
import re
import reprlib
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import pydantic
from pydantic_core import ErrorDetails

from kubia.errors import InvalidError, refuse
from kubia.manifests.values import camel_case

T = TypeVar("T")

_SECRET_FIELDS = {"secretEnv", "secrets"}
_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "a string; put it in quotes",
    "mapping_type": "a mapping of keys to values",
    "dataclass_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "sequence_str": "a list",
    "is_instance_of": "a list",
}


@cache
def adapter(spec: Any) -> pydantic.TypeAdapter[Any]:
    """Return the parser and schema generator of a spec; building one takes milliseconds."""
    return pydantic.TypeAdapter(spec)


def parse(spec: type[T], data: object) -> T:
    """Return ``data`` as a ``spec``; raise `InvalidError` with all that is wrong with it.

    A spec that holds a faulty value cannot check its fields against each other, so the faulty
    values are set aside and the rest is looked at again, until nothing new is found. What then
    names a value that was set aside may only seem to be wrong, and is left out.
    """
    found: list[str] = []
    aside: set[tuple[str, str]] = set()
    rest = data
    while True:
        try:
            parsed: T = adapter(cast("Hashable", spec)).validate_python(rest)
        except pydantic.ValidationError as err:
            errors = err.errors()
        else:
            break
        # What is missing from the rest was set aside here, unless it was missing at first.
        told = [e for e in errors if rest is data or "missing" not in e["type"]]
        found += [line for error in told for line in _sentences(spec, error, aside)]
        before = rest
        for loc in [loc for error in errors for loc in _faulty(rest, error)]:
            aside.update((_place(loc[:-1]), camel_case(str(key))) for key in loc[-1:])
            rest = _without(rest, loc)
        if rest == before:
            break
    refuse(dict.fromkeys(found))
    return parsed


def _faulty(data: object, error: ErrorDetails) -> Iterator[tuple[str | int, ...]]:
    """Yield where the values are that must go for the rest to be looked at again.

    That is as little as can be: of a spec, the fields that its own check names.
    """
    loc, cause = error["loc"], error.get("ctx", {}).get("error")
    if not isinstance(cause, InvalidError):
        yield loc[:-1] if "missing" in error["type"] else loc
        return
    for field in {re.split(r"[.:[ ]", problem)[0] for problem in cause.problems}:
        known = _without(data, (*loc, field)) != data
        yield (*loc, field) if known else loc


def _without(data: object, loc: Sequence[str | int]) -> object:
    """Return plain data less the value at ``loc``; the whole data has no place to be taken from."""
    if not loc or not isinstance(data, dict):
        return data
    key = loc[0]
    if len(loc) == 1 or not isinstance(data.get(key), dict):
        return {k: v for k, v in data.items() if k not in {key, camel_case(str(key))}}
    return {**data, key: _without(data[key], loc[1:])}


def _sentences(
    spec: type[Any], error: ErrorDetails, aside: Collection[tuple[str, str]]
) -> list[str]:
    """Return one error of pydantic's as sentences of ours, less those that name what is aside."""
    loc = error["loc"]
    place = _place(loc)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidError):
        gone = [re.escape(field) for where, field in aside if where == place]
        named = re.compile(rf"\b({'|'.join(gone)})\b") if gone else re.compile("$^")
        problems = [problem for problem in cause.problems if not named.search(problem)]
        return [f"{place}.{problem}" if place else problem for problem in problems]
    given = "[secret]" if _SECRET_FIELDS & set(map(str, loc)) else reprlib.repr(error["input"])
    match error["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return [f"{place}: is missing; give it a value"]
        case "unexpected_keyword_argument" | "extra_forbidden":
            return [f"{place}: is not a known key; {_advice(spec, loc)}"]
        case "literal_error":
            return [f"{place}: is {given}; must be {error['ctx']['expected']}"]
        case "value_error":
            return [f"{place}: is {given}; {cause}"]
        case kind:
            return [f"{place}: is {given}; must be {_KINDS.get(kind, error['msg'])}"]


def _place(loc: Sequence[str | int]) -> str:
    """Return where a value stands, as `pulumi config set --path` writes it."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{camel_case(part)}" for part in loc]
    return "".join(parts).removeprefix(".")


def _advice(spec: type[Any], loc: Sequence[str | int]) -> str:
    """Return the known keys beside an unknown one, or the one that was probably meant."""
    known = [camel_case(field.name) for field in dataclasses.fields(_type_at(spec, loc[:-1]))]
    close = difflib.get_close_matches(camel_case(str(loc[-1])), known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(known))}"


def _type_at(spec: Any, loc: Sequence[str | int]) -> Any:
    """Return the dataclass that ``loc`` leads to, through mappings, lists and optional fields."""
    for part in loc:
        if dataclasses.is_dataclass(spec):
            hints = get_type_hints(spec)
            spec = next(hint for name, hint in hints.items() if part in {name, camel_case(name)})
            if get_origin(spec) not in {Mapping, Sequence}:  # an optional field
                spec = next((arg for arg in get_args(spec) if dataclasses.is_dataclass(arg)), spec)
        elif get_origin(spec) in {Mapping, Sequence}:
            spec = get_args(spec)[-1]
    return spec
