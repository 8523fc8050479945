"""The kinds of plain value that specs are made of, and how they are checked.

A *leaf* (an image, the value of an environment variable) may be a string or something that only
the caller's engine can resolve, such as a Pulumi Output: that passes through untouched.
The marker classes speak pydantic's protocol without importing it, so that the operator, which
parses nothing with pydantic, does not load it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeAlias

from kubia.errors import Problem

PLAIN = (bool, int, float, list, tuple, dict, type(None))
"""Plain data, strings aside."""
_EXACT = 2.0**53
"""From here on a float stands for several whole numbers."""
_DIGITS = re.compile("[0-9]+")
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<suffix>|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)")
_SCALE = {"": Decimal(1), "m": Decimal("0.001")}
_SCALE |= {s: Decimal(1000) ** n for n, s in enumerate(("k", "M", "G", "T", "P", "E"), start=1)}
_SCALE |= {f"{s}i": Decimal(1024) ** n for n, s in enumerate("KMGTPE", start=1)}


class _Strict:
    """Takes a value of exactly this type: no "3" for 3, no true for 1."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: Callable[[object], dict[str, Any]]
    ) -> dict[str, Any]:
        return {**handler(source), "strict": True}


class _Whole(_Strict):
    """Takes an int, or a float that is one: what comes over Pulumi's wire comes as 2.0."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: Callable[[object], dict[str, Any]]
    ) -> dict[str, Any]:
        schema = super().__get_pydantic_core_schema__(source, handler)
        function = {"type": "no-info", "function": whole}
        return {"type": "function-before", "function": function, "schema": schema}


class _Amount:
    """Takes a count or a percentage."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, Any]:
        function = {"type": "no-info", "function": self.check}
        return {"type": "function-plain", "function": function}

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d+%?$"}]}

    @staticmethod
    def check(value: object) -> int | str:
        """Return the amount as Kubernetes takes it."""
        amount = count_or_percent(whole(value))
        if amount is None:
            msg = "must be a count such as 1 or a percentage such as 25%"
            raise ValueError(msg)
        return amount


class _PortName:
    """Takes a port's number or name."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, Any]:
        function = {"type": "no-info", "function": self.check}
        return {"type": "function-plain", "function": function}

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}

    @staticmethod
    def check(value: object) -> int | str:
        """Return the number as an int, a name as it is."""
        port = whole(value)
        if isinstance(port, bool) or not isinstance(port, int | str) or port == "":
            msg = "must be a port's number or name"
            raise ValueError(msg)
        return int(port) if _DIGITS.fullmatch(str(port)) else port


def must_be_string(value: object) -> str:
    """Return what to tell of a value that is no string; quotes mend a number, and no list."""
    has_parts = isinstance(value, Mapping | list | tuple)
    return "must be a string" if has_parts else "must be a string; put it in quotes"


class _Leaf:
    """Takes a string, or any object that is not plain data."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> dict[str, Any]:
        function = {"type": "no-info", "function": self.check}
        return {"type": "function-plain", "function": function}

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {"type": "string"}

    @staticmethod
    def check(value: object) -> object:
        """Return the value as it is."""
        if isinstance(value, PLAIN):
            raise ValueError(must_be_string(value))  # noqa: TRY004 - pydantic collects ValueErrors only
        return value


Int: TypeAlias = Annotated[int, _Whole()]
Bool: TypeAlias = Annotated[bool, _Strict()]
Leaf: TypeAlias = Annotated[Any, _Leaf()]
Amount: TypeAlias = Annotated[int | str, _Amount()]
PortName: TypeAlias = Annotated[int | str, _PortName()]
Object: TypeAlias = dict[str, Any]
"""A Kubernetes object, or a part of one, as it is sent."""


def camel_case(name: str) -> str:
    """Return a field's name as Kubernetes writes it: `min_ready` → `minReady`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Spec:
    """Base of the frozen dataclasses that say what is desired; each checks itself when made."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "alias_generator": camel_case,
        "extra": "forbid",
        "populate_by_name": True,
    }


def written(value: Any) -> Any:
    """Return a value with each spec in it as the mapping that Kubernetes takes for it.

    What is unset, false or empty in a spec is left out: for all that is written so, the server's
    default is the same.
    """
    if isinstance(value, Spec):
        given = {camel_case(name): item for name, item in vars(value).items()}
        return {name: written(item) for name, item in given.items() if _is_set(item)}
    if isinstance(value, Mapping):
        return {key: written(item) for key, item in value.items()}
    return [written(item) for item in value] if isinstance(value, list | tuple) else value


def _is_set(value: Any) -> bool:
    if isinstance(value, str | Mapping | list | tuple):
        return bool(value)
    return value is not None and value is not False


def one_of(spec: Spec, *fields: str) -> Iterator[Problem]:
    """Yield the problem of a spec that has not exactly one of some fields; of all, if none named.

    The fields are named as Kubernetes writes them.
    """
    values = {camel_case(name): value for name, value in vars(spec).items()}
    ways = fields or tuple(values)
    chosen = [name for name in ways if values[name] is not None]
    if len(chosen) != 1:
        given = " and ".join(chosen) or "none"
        yield Problem((), f"has {given}; give exactly one of {', '.join(ways)}", ways)


def at_least(field: str, value: int, bound: int, unit: str = "") -> Iterator[Problem]:
    """Yield the problem of a number below its bound."""
    if value < bound:
        yield Problem((field,), f"is {value}{unit}; must be at least {bound}{unit}")


def within(field: str, value: int, low: int, high: int) -> Iterator[Problem]:
    """Yield the problem of a number outside its range, bounds included."""
    if not low <= value <= high:
        yield Problem((field,), f"is {value}; must be from {low} to {high}")


def whole(value: object) -> object:
    """Return a float that holds a whole number exactly as an int, and all else as it is."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def count_or_percent(value: object) -> int | str | None:
    """Return a count as an int, a percentage as it is, and None for anything else."""
    text = str(value)
    if isinstance(value, int | str) and _DIGITS.fullmatch(text):
        return int(text)
    return text if _DIGITS.fullmatch(text.removesuffix("%")) and text.endswith("%") else None


def quantity(text: str) -> Decimal:
    """Return a resource quantity (`50m`, `64Mi`) as a number.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

    Raises:
        ValueError: it is none.

    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        msg = f"is {text!r}; must be a quantity such as 50m, 0.5, 64Mi or 1Gi"
        raise ValueError(msg)
    return Decimal(match["number"]) * _SCALE[match["suffix"]]


def without_none(mapping: Mapping[str, Any]) -> Object:
    """Return the mapping less the keys that hold None: unset fields are not sent."""
    return {key: value for key, value in mapping.items() if value is not None}
