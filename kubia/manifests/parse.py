"""Plain data to specs: every problem at once, each with its place, value, what is allowed."""

import dataclasses
import reprlib
from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Any, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

import pydantic
from pydantic_core import ErrorDetails

from kubia.errors import MASK, InvalidError, Problem, did_you_mean, refuse
from kubia.manifests.values import PLAIN, Spec, camel_case, must_be_string

T = TypeVar("T")
Path: TypeAlias = tuple[str | int, ...]

_SECRET_FIELDS = {"secretEnv", "secretFiles", "secrets"}
_UNKNOWN = {"unexpected_keyword_argument", "extra_forbidden"}
_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "mapping_type": "a mapping of keys to values",
    "dataclass_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "sequence_str": "a list",
    "is_instance_of": "a list",
}


@cache
def _adapter(spec: Any) -> pydantic.TypeAdapter[Any]:
    """Return the parser of a spec; building one takes milliseconds."""
    return pydantic.TypeAdapter(spec)


def json_schema(spec: Any) -> dict[str, Any]:
    """Return the JSON schema of a spec, its fields' docstrings as their descriptions.

    They are read from the source here alone: for parsing that would take longer than all else.
    """
    config = Spec.__pydantic_config__
    config["use_attribute_docstrings"] = True
    try:
        schema = pydantic.TypeAdapter(spec).json_schema()
        _describe(schema, _specs(Spec))
    finally:
        del config["use_attribute_docstrings"]
    return schema


def _describe(schema: dict[str, Any], specs: Mapping[str, type[Spec]]) -> None:
    """Describe the fields that specs have of others: of a class only its own docstrings are read.

    `specs` are all that there are, by name.
    """
    for name, definition in schema.get("$defs", {}).items():
        for base in specs[name].__mro__[1:-1]:
            own = pydantic.TypeAdapter(base).json_schema() if dataclasses.is_dataclass(base) else {}
            for field, value in own.get("properties", {}).items():
                if "description" in value:
                    definition["properties"][field].setdefault("description", value["description"])


def _specs(base: type[Spec]) -> dict[str, type[Spec]]:
    """Return the specs that stand on one, by name."""
    own = base.__subclasses__()
    return {each.__name__: each for each in own} | {
        name: spec for each in own for name, spec in _specs(each).items()
    }


def parse(spec: type[T], data: object, *, by_name: bool = True) -> T:
    """Return `data` as a `spec`; what is a spec already, the whole or a part, is taken as it is.

    Fields may be written as Kubernetes writes them and, with `by_name`, as Python does.

    A spec that holds a faulty value cannot check its fields against each other, so the faulty
    values are set aside and the rest is parsed again, until no new problem appears. A problem that
    names a value that was set aside may only seem to be one, and is left out.

    Raises:
        InvalidError: all that is wrong with the data.

    """
    problems: list[Problem] = []
    aside: set[Path] = set()
    rest = data
    while True:
        try:
            parsed: T = _adapter(cast("Hashable", spec)).validate_python(
                rest, by_alias=True, by_name=by_name
            )
            break
        except pydantic.ValidationError as error:
            errors = [(_path(spec, each), each) for each in error.errors()]
        placed = [(at, problem) for at, each in errors for problem in _problems(spec, at, each)]
        problems += [problem.under(at) for at, problem in placed if not _names(at, problem, aside)]
        faulty = {_present(rest, (*at, *problem.path)) for at, problem in placed} - {()}
        if not faulty:
            break
        aside |= faulty
        for path in faulty:
            rest = _without(rest, path)
    refuse(dict.fromkeys(problems))
    return parsed


def _problems(spec: type[Any], at: Path, error: ErrorDetails) -> Sequence[Problem]:
    """Return one error of pydantic's as problems of the value at `at`: a spec finds several."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidError):
        return cause.details
    given = _shown(error["input"], secret=bool(_SECRET_FIELDS & set(at)))
    match error["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            text = "is missing; give it a value"
        case unknown if unknown in _UNKNOWN:
            text = f"is not a known key; {_advice(spec, at)}"
        case "literal_error":
            text = f"is {given}; must be {error['ctx']['expected']}"
        case "value_error":
            text = f"is {given}; {cause}"
        case "string_type":
            text = f"is {given}; {must_be_string(error['input'])}"
        case kind:
            text = f"is {given}; must be {_KINDS.get(kind, error['msg'])}"
    return [Problem((), text)]


def _shown(value: object, *, secret: bool) -> str:
    """Return a value as a message shows it: of what only the caller's engine resolves, its type."""
    if not isinstance(value, (str, *PLAIN)):
        return f"of type {type(value).__name__}, no plain value"
    return MASK if secret else reprlib.repr(value)


def _names(at: Path, problem: Problem, aside: Collection[Path]) -> bool:
    """Say whether a problem of the value at `at` names a value that was set aside."""
    named = [(*at, *problem.path), *((*at, field) for field in problem.beside)]
    return any(path[: len(gone)] == gone for gone in aside for path in named)


def _present(data: object, path: Path) -> Path:
    """Return as much of `path` as leads through mappings: less cannot be set aside."""
    for end, part in enumerate(path):
        key = _key(data, part)
        if key is None:
            return path[:end]
        data = cast("Mapping[object, object]", data)[key]
    return path


def _without(data: object, path: Path) -> object:
    """Return plain data less the value at `path`, if it is there."""
    key = _key(data, path[0])
    if key is None:
        return data
    mapping = cast("Mapping[object, object]", data)
    if len(path) > 1:
        return {**mapping, key: _without(mapping[key], path[1:])}
    return {name: value for name, value in mapping.items() if name != key}


def _key(data: object, part: str | int) -> object:
    """Return the key that `part` stands for, written as Kubernetes or as Python writes it."""
    if not isinstance(data, Mapping):
        return None
    return part if part in data else next((k for k in data if camel_case(str(k)) == part), None)


def _path(spec: Any, error: ErrorDetails) -> Path:
    """Return where a value stands: fields as Kubernetes writes them, other keys as they are."""
    path: list[str | int] = []
    for part in error["loc"]:
        is_field = dataclasses.is_dataclass(spec) and isinstance(part, str)
        path.append(camel_case(str(part)) if is_field else part)
        spec = _part(spec, part)
    if error["type"] in _UNKNOWN:
        path[-1:] = error["loc"][-1:]
    return tuple(path)


def _advice(spec: Any, path: Path) -> str:
    """Return the known keys beside an unknown one, or the one that was probably meant."""
    for part in path[:-1]:
        spec = _part(spec, part)
    known = [camel_case(field.name) for field in dataclasses.fields(spec)]
    return did_you_mean(str(path[-1]), known) or f"known are {', '.join(sorted(known))}"


def _part(spec: Any, part: str | int) -> Any:
    """Return what `part` of a spec is; an optional field is what it is if it is there."""
    if dataclasses.is_dataclass(spec):
        hints = {camel_case(name): hint for name, hint in get_type_hints(spec).items()}
        spec = hints.get(camel_case(str(part)))
        if get_origin(spec) is UnionType:
            spec = next((arg for arg in get_args(spec) if _has_parts(arg)), spec)
        return spec
    return get_args(spec)[-1] if get_origin(spec) in {Mapping, Sequence} else None


def _has_parts(spec: Any) -> bool:
    return dataclasses.is_dataclass(spec) or get_origin(spec) in {Mapping, Sequence}
