"""The fields that a generic chart's tests are about, and how each is had here: fields.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tests.fidelity.apps import FOLDER

HOWS = ("first-class", "raw", "program")
KEYS = {"service": "services", "job": "jobs", "cronJob": "cronJobs", "agent": "agents"}


@dataclass(frozen=True)
class Field:
    """A field by the object that the chart has it in, and what its file says of it."""

    object: str
    name: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        """Return its name among those of all objects."""
        return f"{self.object}.{self.name}"

    @property
    def how(self) -> str:
        """How it is had here, as one of HOWS."""
        if "program" in self.content:
            return "program"
        return "raw" if "raw" in self.entry else "first-class"

    @property
    def kind(self) -> str:
        """What its example is an entry of."""
        return next((kind for kind in KEYS if kind in self.content), "service")

    @property
    def entry(self) -> Mapping[str, Any]:
        """What its example says, without what each entry needs."""
        entry: Mapping[str, Any] = self.content.get(self.kind, {})
        return entry

    @property
    def example(self) -> Mapping[str, Any]:
        """What its example says: an entry below its kind, its secrets, keys of the stack."""
        others = {key: self.content[key] for key in ("secrets", "stack") if key in self.content}
        return {self.kind: self.entry, **others}

    @property
    def added(self) -> tuple[str, Mapping[str, Any]]:
        """What is added by `raw`, and the kind of object that it is added to."""
        ((kind, patch),) = self.entry["raw"].items()
        return kind, patch

    @property
    def place(self) -> str:
        """Where in its object it is expected."""
        return str(self.content.get("at", "")) if self.how == "first-class" else ""

    @property
    def expected(self) -> Any:
        """What is expected there: what is written, or just what the example says."""
        if "has" in self.content:
            return self.content["has"]
        return self.added[1] if self.how == "raw" else at(self.entry, self.content.get("from", ""))


def fields() -> Iterator[Field]:
    """Yield the fields in the chart's order."""
    objects = yaml.safe_load((FOLDER / "fields.yaml").read_text())
    objects.pop("shared")
    for name, content in objects.items():
        shared = {key: value for key, value in content.items() if key != "fields"}
        for field, own in content["fields"].items():
            yield Field(name, field, {**shared, **own})


FIELDS = tuple(fields())


def at(value: Any, path: str) -> Any:
    """Return what is at a path; an item of a list goes by its name."""
    for step in filter(None, path.split(".")):
        items = value if isinstance(value, list) else []
        value = next((it for it in items if it["name"] == step), None) if items else value[step]
    return value


def is_in(expected: Any, value: Any) -> bool:
    """Whether all that is expected is in a value; nothing where null is."""
    if isinstance(expected, Mapping):
        given = value if isinstance(value, Mapping) else {}
        return all(is_in(inner, given.get(key)) for key, inner in expected.items())
    if isinstance(expected, list) and isinstance(value, list):
        rest = iter(value)  # in this order, others among them
        return all(any(is_in(item, other) for other in rest) for item in expected)
    return bool(expected == value)


def named(expected: Any, name: str) -> Any:
    """Return what is expected of an entry of this name."""
    if isinstance(expected, Mapping):
        return {key: named(value, name) for key, value in expected.items()}
    if isinstance(expected, list):
        return [named(value, name) for value in expected]
    return expected.replace("NAME", name) if isinstance(expected, str) else expected
