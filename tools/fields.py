"""The fields of Kubernetes' objects that `raw` adds to, as the SDK of Pulumi's provider has them.

Deployment → its Args → the fields of each, and of which type what is in them is.
"""

import json
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import fields, raw

FILE = fields.FILE
_GROUPS = (k8s.apps.v1, k8s.autoscaling.v2, k8s.batch.v1, k8s.core.v1, k8s.networking.v1)
_MODULES = (*_GROUPS, k8s.policy.v1)
_GIVEN = "_pulumi_name"
"""What `pulumi.getter` notes of a property: its name in Kubernetes."""
_SUFFIX = "Args"
_SERVERS = {"apiVersion", "kind", "status"}
_PLAIN = {bool: "bool", int: "int", str: "str"}
_OTHERS = {"metadata": "ObjectMeta", "spec": "{}"}
"""The fields of other vendors' objects, which the SDK does not know."""


def text() -> str:
    """Return the committed file: by type, field → the type of what is in it (fields.FILE)."""
    every: dict[str, Any] = {}
    others: dict[str, dict[str, str]] = {}
    for kind in raw.KINDS:
        if root := _root(kind):
            _collect(root, every)
        else:
            others[raw.type_of(kind)] = _OTHERS
    types = {**{name: _types(args) for name, args in every.items()}, **others}
    lines = [f'"{name}": {json.dumps(given)}' for name, given in sorted(types.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _root(kind: str) -> Any:
    """Return the Args of an object; nothing for those of other vendors."""
    name = f"{raw.type_of(kind)}{_SUFFIX}"
    return next(filter(None, (getattr(module, name, None) for module in _MODULES)), None)


def _collect(args: Any, every: dict[str, Any]) -> None:
    """Add these Args, and those in them, by name.

    Raises:
        ValueError: two groups of Kubernetes have different ones of the same name.

    """
    name = _name(args)
    if every.setdefault(name, args) is not args:
        message = f"{name} of {every[name].__module__} and {args.__module__}"
        raise ValueError(message)
    for _, hint in _fields(args):
        inner = _args(hint)
        if inner and every.get(_name(inner)) is not inner:
            _collect(inner, every)


def _types(args: Any) -> dict[str, str]:
    return {field: _type(hint) for field, hint in sorted(_fields(args), key=lambda it: it[0])}


def _type(hint: Any) -> str:
    """Return a type as the file writes it; of all that an Input may be, what it is in the end."""
    inner = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Union:
            return " or ".join(sorted({_type(each) for each in inner} - {""}))
        case origin if origin is Sequence:
            return f"[{_type(inner[0])}]"
        case origin if origin is Mapping:
            return f"{{{_type(inner[1])}}}"
        case _:
            return _name(hint) if _is_args(hint) else _PLAIN.get(hint, "")


def _name(args: Any) -> str:
    return str(args.__name__.removesuffix(_SUFFIX))


def _fields(args: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of Args, as Kubernetes writes them, each with its type hint."""
    names = {**vars(pulumi), **vars(typing), **vars(sys.modules[args.__module__])}
    getters = [getattr(member, "fget", None) for member in vars(args).values()]
    given = {getattr(getter, _GIVEN, None): getter for getter in getters}
    # A reference has a kind too, which is not the server's to know.
    hidden = _SERVERS if "metadata" in given else set()
    for name, getter in given.items():
        if name and name not in hidden:
            yield name, typing.get_type_hints(getter, names)["return"]


def _is_args(hint: Any) -> bool:
    return isinstance(hint, type) and hint.__name__.endswith(_SUFFIX)


def _args(hint: Any) -> Any:
    """Return the Args in a type; None if there are none."""
    if _is_args(hint):
        return hint
    return next(filter(None, map(_args, typing.get_args(hint))), None)
