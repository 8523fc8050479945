"""Plain Python values from the protobuf values that Pulumi's SDK sends to its monitor."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

Path = tuple[str | int, ...]

# The wire format's constants, as in pulumi.runtime.rpc, which keeps them private.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a marker, not a password
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
ASSETS = frozenset({"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"})


@dataclass
class Plain:
    """A value without wrappings, and the paths at which something was unwrapped.

    `secrets` hold a secret (a whole subtree counts as one path), `unknowns` a value that is known
    only after the deployment, `assets` a Pulumi asset or archive.
    """

    value: Any = None
    secrets: list[Path] = field(default_factory=list)
    unknowns: list[Path] = field(default_factory=list)
    assets: list[Path] = field(default_factory=list)


def from_struct(struct: struct_pb2.Struct) -> Plain:
    """Return the plain dict of a struct: whole numbers are ints, secrets unwrapped, keys sorted."""
    plain = Plain()
    plain.value = _mapping(struct, (), plain)
    return plain


def to_struct(value: Mapping[str, Any], secrets: list[Path]) -> struct_pb2.Struct:
    """Return the struct of a plain dict; at the paths `secrets` are secrets again."""
    wrapped = _wrap(value, (), set(secrets)) if secrets else value
    struct = struct_pb2.Struct()
    struct.update({key: item for key, item in wrapped.items() if item is not None})
    return struct


def show(path: Path) -> str:
    """Return the path as Kubernetes writes it: `spec.ports[0].name`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif ("." in step or "/" in step) and not step.endswith("]"):
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text


def property_path(text: str) -> Path:
    """Return the path that a resource option writes as `spec.replicas` or `data["a.b"]`."""
    steps = re.findall(r'\["([^"]*)"\]|\[(\d+|\*)\]|([^.\[\]]+)', text)
    return tuple(quoted or index or name for quoted, index, name in steps)


def strings(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every string inside the value with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, (*path, index))


def _mapping(struct: struct_pb2.Struct, path: Path, plain: Plain) -> dict[str, Any]:
    fields = struct.fields
    return {key: _value(fields[key], (*path, key), plain) for key in sorted(fields)}


def _value(value: struct_pb2.Value, path: Path, plain: Plain) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        if value.string_value == UNKNOWN:
            plain.unknowns.append(path)
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        items = value.list_value.values
        return [_value(item, (*path, index), plain) for index, item in enumerate(items)]
    if kind == "struct_value":
        return _struct(value.struct_value, path, plain)
    return None


def _struct(struct: struct_pb2.Struct, path: Path, plain: Plain) -> Any:
    if SIGNATURE not in struct.fields:
        return _mapping(struct, path, plain)
    signature = struct.fields[SIGNATURE].string_value
    if signature == SECRET:
        plain.secrets.append(path)
        return _value(struct.fields["value"], path, plain)
    if signature == RESOURCE:
        return struct.fields["id" if "id" in struct.fields else "urn"].string_value
    if signature in ASSETS:
        plain.assets.append(path)
    return _mapping(struct, path, plain)


def _wrap(value: Any, path: Path, secrets: set[Path]) -> Any:
    if isinstance(value, dict):
        value = {key: _wrap(item, (*path, key), secrets) for key, item in value.items()}
    elif isinstance(value, list):
        value = [_wrap(item, (*path, index), secrets) for index, item in enumerate(value)]
    return {SIGNATURE: SECRET, "value": value} if path in secrets else value
