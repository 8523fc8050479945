"""Changes to an object, one for each path that Kubernetes' own schema knows in it."""

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]

DEEPEST = 12
SERVERS = {"apiVersion", "kind", "status"}
METADATA = {"annotations", "finalizers", "labels", "ownerReferences"}
"""All of the metadata that is not the server's own, or the object's identity."""
TEXTS = ("stranger", "1", "/stranger", "10.9.8.7", "c3RyYW5nZXI=", "Always", "example.org/stranger")
"""What a text without an enumeration may have to look like: a name, a number, a path, …"""
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
TIME = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Schemas:
    """The definitions of an OpenAPI document by name, whatever its version."""

    definitions: Mapping[str, Schema]

    def changes(self, live: Mapping[str, Any]) -> Iterator[tuple[Path, list[Any]]]:
        """Yield each path of the object's kind with the values that a stranger may try there."""
        group, _, version = live["apiVersion"].rpartition("/")
        room = (group or "core").partition(".")[0]
        schema = self.definitions[f"io.k8s.api.{room}.{version}.{live['kind']}"]
        for name, inner in schema["properties"].items():
            if name == "metadata":
                known = self._resolved(inner)["properties"]
                for key in sorted(METADATA):
                    value = live["metadata"].get(key)
                    yield from self._of(known[key], value, ("metadata", key))
            elif name not in SERVERS:
                yield from self._of(inner, live.get(name), (name,))

    def _of(self, schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, list[Any]]]:
        plain = self._resolved(schema)
        if "properties" in plain:
            if value is None:
                yield path, [self._least(schema, path)]
            if len(path) < DEEPEST:
                inside = value or {}
                for name, inner in plain["properties"].items():
                    yield from self._of(inner, inside.get(name), (*path, name))
        elif _type(plain) == "array":
            new = len(value or ())
            yield (*path, new), self._values(plain["items"], (*path, "item"), None)
            if len(path) < DEEPEST:
                for index, item in enumerate(value or [None]):
                    yield from self._of(plain["items"], item, (*path, index))
        elif "additionalProperties" in plain:
            keys = ["stranger", "example.org/stranger", "other.kubernetes.io/stranger"]
            for key in [*keys, *(value or ())]:
                old = (value or {}).get(key)
                yield (*path, key), self._values(plain["additionalProperties"], path, old)
        else:
            yield path, self._values(schema, path, value)

    def _values(self, schema: Schema, path: Path, old: Any) -> list[Any]:
        """Return values that differ from the old one, the likeliest first."""
        plain = self._resolved(schema)
        if "properties" in plain or _type(plain) == "array":
            return [self._least(schema, path)]
        kind = _type(plain)
        values: list[Any]
        if kind == "boolean":
            values = [True, False]
        elif kind in {"integer", "number"}:
            values = [7, 1, 0, 20000, 31999, *([old + 1] if isinstance(old, int) else [])]
        elif "enum" in plain:
            values = list(plain["enum"])
        elif plain.get("format") == "date-time":
            values = [TIME]
        elif kind == "object":
            values = [{"stranger": "1"}]
        elif plain.get("format") == "int-or-string" or "oneOf" in plain or "anyOf" in plain:
            values = [7, "7", "30%", "3Gi"]
        else:
            values = list(TEXTS)
        return [value for value in values if value != old]

    def _least(self, schema: Schema, path: Path) -> Any:
        """Return the least that the schema requires."""
        plain = self._resolved(schema)
        if "properties" in plain:
            required = plain.get("required") or ()
            return {name: self._least(plain["properties"][name], path) for name in required}
        if _type(plain) == "array":
            return [self._least(plain["items"], path)] if len(path) < DEEPEST else []
        return self._values(schema, path, None)[0]

    def _resolved(self, schema: Schema) -> Schema:
        while True:
            inner = schema.get("allOf", [schema])[0] if "allOf" in schema else schema
            reference = inner.get("$ref")
            if reference is None:
                return inner
            schema = self.definitions[reference.rpartition("/")[2]]


def _type(schema: Schema) -> str:
    """Return the type; some documents add null."""
    given = schema.get("type", "")
    return str(next(name for name in given if name != "null") if isinstance(given, list) else given)


def changed(live: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return the object with a value set at a path."""
    result: dict[str, Any] = copy.deepcopy(dict(live))
    place: Any = result
    for step, following in itertools.pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if step >= len(place):
                place.append(empty)
            place = place[step]
        else:
            if place.get(step) is None:
                place[step] = empty
            place = place[step]
    last = path[-1]
    if isinstance(last, int) and last >= len(place):
        place.append(copy.deepcopy(value))
    else:
        place[last] = copy.deepcopy(value)
    return result
