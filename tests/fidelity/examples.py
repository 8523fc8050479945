"""The examples of a generic chart's fields, rendered as one stack."""

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fidelity import apps
from tests.fidelity.fields import FIELDS, KEYS, Field
from tests.unit.programs import Graph

COMPONENTS = {"service": "WebService", "job": "Job", "cronJob": "CronJob", "agent": "NodeAgent"}
LEAST: Mapping[str, Mapping[str, Any]] = {
    "service": {"image": "shop:v1"},
    "job": {"image": "shop:v1"},
    "cronJob": {"image": "shop:v1", "schedule": "@daily"},
    "agent": {"image": "shop:v1", "nodeSelector": {}},
}


def config(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the configuration of a stack with these entries by name, each below its kind."""
    values = apps.config({key: {} for key in ("secrets", *KEYS.values())})
    for name, entry in entries.items():
        kind = next(kind for kind in KEYS if kind in entry)
        values[f"kubia:{KEYS[kind]}"][name] = {**LEAST[kind], **entry[kind]}
        values["kubia:secrets"] |= {name: entry["secrets"]} if "secrets" in entry else {}
        values |= {f"kubia:{key}": value for key, value in entry.get("stack", {}).items()}
    return values


@dataclass(frozen=True)
class Examples:
    """All examples in as few entries as can say them, for each takes its time to render."""

    entries: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    """Which entry a field's example is part of."""

    def render(self) -> Graph:
        """Return what they declare, as one stack."""
        return apps.declared(config(self.entries))


@functools.cache
def examples() -> Examples:
    """Return the examples of all fields that a stack file can say."""
    entries: dict[str, Any] = {least(kind): {kind: {}} for kind in KEYS}
    names = {}
    for field in FIELDS:
        if field.how in {"first-class", "raw"}:
            level = field.entry.get("podSecurity", "restricted")
            stem = f"{field.kind}-{field.object}-{field.how}-{level}".lower()
            numbered = (f"{stem}-{number}" for number in itertools.count())
            name = next(it for it in numbered if fits(entries.get(it, {}), field.example))
            entries[name] = joined(entries.get(name, {}), field.example)
            names[str(field)] = name
    return Examples(entries, names)


def rendered(graph: Graph, field: Field, name: str) -> list[Mapping[str, Any]]:
    """Return the objects of the field's kind that an entry of this name declares."""
    kind = field.content["object"]
    component = graph.one(f"kubia:index:{COMPONENTS[field.kind]}", name)
    objects = [each.inputs for each in graph.children(component)]
    return [each for each in objects if each.get("kind") == kind]


def least(kind: str) -> str:
    """Return the name of the entry of a kind that says nothing."""
    return f"{kind}-least".lower()


def fits(one: Any, other: Any) -> bool:
    """Whether two mappings say the same wherever both say something."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(fits(one[key], other[key]) for key in one.keys() & other.keys())
    return bool(one == other)


def joined(one: Any, other: Any) -> Any:
    """Return what two mappings that fit say together."""
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return other
    both = {key: joined(one[key], other[key]) for key in one.keys() & other.keys()}
    return {**one, **other, **both}
