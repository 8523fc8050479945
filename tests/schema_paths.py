"""Changes to an object, one for each path that Kubernetes' own schema knows in it."""

import copy
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
HINTS: Mapping[str, Any] = {
    "apiGroups": [""],
    "apiVersion": "v1",
    "cidr": "10.9.0.0/16",
    "from": [{"podSelector": {}}],
    "livenessProbe": {"tcpSocket": {"port": 7}},
    "matchExpressions": [{"key": "stranger", "operator": "Exists"}],
    "operator": "Exists",
    "postStart": {"exec": {"command": ["stranger"]}},
    "readinessProbe": {"tcpSocket": {"port": 7}},
    "startupProbe": {"tcpSocket": {"port": 7}},
    "to": [{"podSelector": {}}],
    "verbs": ["get"],
}
"""What the server wants of fields of these names, beyond what the schema says."""
TIME = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Schemas:
    """The definitions of an OpenAPI document by name, whatever its version."""

    definitions: Mapping[str, Schema]

    def changes(self, live: Mapping[str, Any]) -> Iterator[tuple[Path, list[Any]]]:
        """Yield each path of the object's kind with the values that a stranger may try there."""
        for name, inner in self._root(live)["properties"].items():
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
        """Return the least that is legal as far as the schema, and HINTS, know."""
        plain = self._resolved(schema)
        if path[-1] in HINTS:
            return copy.deepcopy(HINTS[str(path[-1])])
        if "properties" in plain:
            required = plain.get("required") or ()
            inner = plain["properties"]
            return {name: self._least(inner[name], (*path, name)) for name in required}
        if _type(plain) == "array":
            item = self._least(plain["items"], (*path, "item"))
            return [item] if len(path) < DEEPEST else []
        return self._values(schema, path, None)[0]

    def changed(self, live: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
        """Return the object with a value set at a path, and what is required on the way to it."""
        result: dict[str, Any] = copy.deepcopy(dict(live))
        place: Any = result
        schema = self._root(live)
        for index, step in enumerate(path):
            schema = self._inside(schema, step)
            is_absent = step >= len(place) if isinstance(step, int) else place.get(step) is None
            if index == len(path) - 1:
                filled = copy.deepcopy(value)
            elif not is_absent:
                filled = place[step]
            elif _type(self._resolved(schema)) == "array":
                filled = []
            else:
                filled = self._least(schema, path[: index + 1])
            if isinstance(step, int) and is_absent:
                place.append(filled)
            else:
                place[step] = filled
            place = filled
        return result

    def _inside(self, schema: Schema, step: str | int) -> Schema:
        plain = self._resolved(schema)
        if isinstance(step, int):
            return dict(plain["items"])
        return dict(plain.get("properties", {}).get(step) or plain["additionalProperties"])

    def _root(self, live: Mapping[str, Any]) -> Schema:
        group, _, version = live["apiVersion"].rpartition("/")
        room = (group or "core").partition(".")[0]
        return self.definitions[f"io.k8s.api.{room}.{version}.{live['kind']}"]

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
