"""The apps: what their charts declare by default, and the stack entries that express them.

Images are named without their registry, on both sides.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.fidelity.comparing import Objects
from tests.unit.programs import DISABLED, Graph, Recorder, stack_config

FOLDER = Path(__file__).resolve().parent
REASONS: Mapping[str, str] = yaml.safe_load((FOLDER / "reasons.yaml").read_text())
"""What justifies more than one difference, by its name."""


@dataclass(frozen=True)
class App:
    """An app by its file."""

    name: str
    text: str

    @functools.cached_property
    def content(self) -> Mapping[str, Any]:
        """What the file says."""
        content: Mapping[str, Any] = yaml.safe_load(self.text)
        return content

    @property
    def reference(self) -> Objects:
        """What the chart declares by default, by kind."""
        reference: Objects = self.content["reference"]
        return reference

    @property
    def service(self) -> Mapping[str, Any]:
        """Its entry of `kubia:services`."""
        service: Mapping[str, Any] = self.content["service"]
        return service

    @property
    def entry_lines(self) -> int:
        """How many lines its entry has in a stack file, with its name and its secrets."""
        lines = self.text.split("\nreference:")[0].split("\nservice:\n")[1].splitlines()
        return 1 + sum(1 for line in lines if line.strip())

    @property
    def listed(self) -> Mapping[str, tuple[Any, Any]]:
        """The differences that are justified, by path."""
        return {
            each["path"]: (each.get("reference"), each.get("here"))
            for each in self.content["differences"]
        }


APPS = {
    path.stem: App(path.stem, path.read_text())
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.stem not in {"fields", "reasons"}
}


def config(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a stack with these sections."""
    shared = stack_config("dev")
    values = {key: shared[key] for key in ("kubia:contexts", "kubia:namespace", DISABLED)}
    # A namespace of one's own: one that a stack makes enforces Pod Security's level restricted.
    values["kubia:createNamespace"] = False
    return {**values, **{f"kubia:{key}": section for key, section in sections.items()}}


def declared(values: Mapping[str, Any]) -> Graph:
    """Return the program's objects for a stack of this configuration."""
    return Recorder(preview=False).file("dev", values, ("kubia:secrets",))


def rendered(services: Mapping[str, Any], secrets: Mapping[str, Any]) -> Graph:
    """Return the program's objects for a stack file with these services."""
    return declared(config({"services": services, "secrets": secrets}))


def objects(graph: Graph, name: str) -> Objects:
    """Return an app's objects by kind."""
    component = graph.one("kubia:index:WebService", name)
    return {
        each.type.rpartition(":")[2]: each.inputs
        for each in graph.children(component)
        if each.type.startswith("kubernetes:")
    }


@functools.cache
def all_rendered() -> Graph:
    """Return what all apps' entries declare, as one stack."""
    secrets = {
        name: app.content["secrets"] for name, app in APPS.items() if "secrets" in app.content
    }
    return rendered({name: app.service for name, app in APPS.items()}, secrets)
