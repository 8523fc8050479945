"""YAML 1.2 with its core schema, and no value that Pulumi's reader (Go's yaml.v3) takes otherwise.

Versions of YAML disagree on `0123`, `1_000` or `2001-01-01`: unquoted they are refused, with their
line. So are keys that are no text, keys given twice, and tags other than the schema's.
"""

import math
import re
from typing import Any

import yaml
from yaml import CollectionEndEvent, CollectionStartEvent, MappingNode, Node, ScalarNode
from yaml.reader import Reader

from kubia.errors import InvalidError

DEEPEST = 100
"""Levels that lists and maps may be nested in each other."""
MOST = 50_000
"""Values that a document may hold, with those that its aliases stand for."""
_TAG = "tag:yaml.org,2002:"
_INT = r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = (
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_DISPUTED = (
    r"(?=.*_|[-+]?0[0-9]|[-+]0[oOxXbB]|0[OXbB])[-+]?"
    r"(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    r"|(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?)"
)
"""Numbers to some versions of YAML, and text or other numbers to the rest."""
_DATE = r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d?:.*)?"
_RESOLVERS = (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("disputed", _DISPUTED, "-+.0123456789"),
    ("int", _INT, "-+0123456789"),
    ("float", _FLOAT, "-+.0123456789"),
    ("timestamp", _DATE, "0123456789"),
    ("merge", "<<", "<"),
)
_Strings: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_Loader: Any = type("_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
_Loader.yaml_implicit_resolvers = {}
_Dumper: Any = type("_Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})
for _name, _pattern, _first in _RESOLVERS:
    _whole = re.compile(rf"(?:{_pattern})\Z")
    _Loader.add_implicit_resolver(_TAG + _name, _whole, [*_first, *[""][: _name == "null"]])
    # What it writes is quoted where any version would take it for something else.
    _Dumper.add_implicit_resolver(_TAG + _name, _whole, list(_first))
_Dumper.ignore_aliases = lambda *_: True


def load(text: str, name: str) -> Any:
    """Return the document in `text`, of plain data; None if there is none.

    `name` is whose text it is, as problems name it.

    Raises:
        InvalidError: it is no YAML, or not all readers would take it for the same.

    """
    root = compose(text, name)
    reader = _Reader(name)
    value = None if root is None else reader.value(root)
    if reader.problems:
        raise InvalidError(reader.problems)
    return value


def strings(text: str, name: str) -> Any:
    """Return the document with every scalar as text, for what nobody quotes; None if there is none.

    Raises:
        InvalidError: it is no YAML.

    """
    if compose(text, name) is None:
        return None
    try:
        return yaml.load(text, _Strings)  # noqa: S506 - it makes nothing but text, lists and maps
    except yaml.YAMLError as error:
        raise InvalidError([_problem(error, text, name)]) from None


def compose(text: str, name: str) -> Node | None:
    """Return the document's node, which knows where in the text it stands.

    Raises:
        InvalidError: it is no YAML.

    """
    try:
        depth = 0
        for event in yaml.parse(text, _Loader):
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > DEEPEST:
                raise InvalidError([f"{name}: is nested more than {DEEPEST} deep."])
        return yaml.compose(text, _Loader)
    except yaml.YAMLError as error:
        raise InvalidError([_problem(error, text, name)]) from None


def _problem(error: yaml.YAMLError, text: str, name: str) -> str:
    mark = getattr(error, "problem_mark", None)
    # Characters that no YAML has are told without a mark: by a place in bytes or in text.
    strange = None if mark else Reader.NON_PRINTABLE.search(text)
    line = mark.line if mark else text.count("\n", 0, strange.start()) if strange else None
    where = name if line is None else f"{name}:{line + 1}"
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    return f"{where}: not YAML: {reason}."


def dump(value: Any, *, flow: bool = False) -> str:
    """Return YAML that every version reads as `value`: texts of several lines as blocks."""
    dumper = _Flow if flow else _Block
    options: dict[str, Any] = {"width": 10**6 if flow else 100, "default_flow_style": flow}
    text: str = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, **options)
    return text


class _Flow(_Dumper):  # type: ignore[misc]  # chosen at run time
    """Writes on one line."""


class _Block(_Dumper):  # type: ignore[misc]  # as above
    """Writes texts of several lines as blocks."""


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar(f"{_TAG}str", value, "|" if "\n" in value else None)


def _line(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar(f"{_TAG}str", value, '"' if "\n" in value else None)


_Block.add_representer(str, _text)
_Flow.add_representer(str, _line)


class _Reader:
    """Turns nodes into plain data, and keeps all problems."""

    def __init__(self, name: str) -> None:
        self.problems: list[str] = []
        self._name = name
        self._path: list[str] = []
        self._inside: set[int] = set()
        self._values = 0

    def value(self, node: Node) -> Any:
        """Return the node's value; with a problem, anything."""
        self._values += 1
        if self._values > MOST:
            problem = f"{self._name}: with its aliases it holds more than {MOST} values."
            raise InvalidError([*self.problems, problem])
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if id(node) in self._inside:
            return self._problem(node, "holds itself, by an alias.")
        if node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
            return self._problem(node, f"has the tag {_short(node)}: leave it out.")
        self._inside.add(id(node))
        if isinstance(node, MappingNode):
            value: Any = self._mapping(node)
        else:
            value = [self._below(f"[{index}]", item) for index, item in enumerate(node.value)]
        self._inside.remove(id(node))
        return value

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag not in {f"{_TAG}str", f"{_TAG}merge"}:
                shown = key.value if isinstance(key, ScalarNode) else "a list or map"
                self._problem(key, f"has the key {shown}, which is no text: put it in quotes.")
                continue
            if key.value in lines:
                text = f"has the key {key.value} twice, first in line {lines[key.value]}"
                self._problem(key, f"{text}: remove one.")
                continue
            lines[key.value] = key.start_mark.line + 1
            if key.tag == f"{_TAG}merge":
                merged = self._merged(value)
            else:
                own[key.value] = self._below(f".{key.value}", value)
        return {**merged, **own}

    def _below(self, step: str, node: Node) -> Any:
        self._path.append(step)
        value = self.value(node)
        self._path.pop()
        return value

    def _merged(self, node: Node) -> dict[str, Any]:
        """Return what a merge key brings: of a list of maps, the first that has a key counts."""
        given = self.value(node)
        parts = given if isinstance(given, list) else [given]
        if not all(isinstance(part, dict) for part in parts):
            self._problem(node, "is merged, but no map nor a list of maps.")
            return {}
        return {key: value for part in reversed(parts) for key, value in part.items()}

    def _scalar(self, node: ScalarNode) -> Any:
        kind, text = node.tag.removeprefix(_TAG), node.value
        if kind in {"str", "merge"}:
            return text
        if kind in {"int", "float"} and re.fullmatch(_DISPUTED, text):
            kind = "disputed"
        if kind in _WORDS and text in _WORDS[kind]:
            return _WORDS[kind][text]
        if kind == "int" and re.fullmatch(_INT, text):
            return self._whole(node)
        if kind == "float" and re.fullmatch(_FLOAT, text):
            return self._float(node)
        if kind in _READ_OTHERWISE:
            return self._problem(node, _READ_OTHERWISE[kind])
        return self._problem(node, f"has the tag {_short(node)}: leave it out.")

    def _whole(self, node: ScalarNode) -> Any:
        text = node.value[:30]  # no number of 64 bits is as long, and longer ones take long
        number = int(text, 0 if text[:2] in {"0o", "0x"} else 10)
        if -(2**63) <= number < 2**63:
            return number
        return self._problem(node, "is too large for a whole number: put it in quotes for a text.")

    def _float(self, node: ScalarNode) -> Any:
        """Return the number as JSON has it, which knows no difference between 1.0 and 1."""
        number = float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))
        if not math.isfinite(number):
            return self._problem(node, "is no number that JSON has: put it in quotes for a text.")
        return int(number) if number.is_integer() and abs(number) < 2**53 else number

    def _problem(self, node: Node, text: str) -> None:
        # The value itself may be a secret.
        where = "".join(self._path).removeprefix(".") or "the document"
        self.problems.append(f"{self._name}:{node.start_mark.line + 1}: {where} {text}")


_WORDS: dict[str, dict[str, bool | None]] = {
    "null": dict.fromkeys(("", "~", "null", "Null", "NULL")),
    "bool": {
        **dict.fromkeys(("true", "True", "TRUE"), True),
        **dict.fromkeys(("false", "False", "FALSE"), False),
    },
}
_READ_OTHERWISE = {
    "disputed": (
        "is a number that readers of YAML take differently: put it in quotes for a text, or write "
        "it in decimals without leading zeros and underscores."
    ),
    "timestamp": "is a date to Pulumi: put it in quotes for a text.",
}


def _short(node: Node) -> str:
    return str(node.tag).replace(_TAG, "!!")
