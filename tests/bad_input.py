"""What a mistake of a user's is, and how one is written down; the table is bad_inputs.py."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

Change = Callable[[dict[str, Any]], None]

FOLDER = "{folder}"
"""Stands for the prepared folder, in values and in texts; {root} for the project's, in texts."""
FILE = "stacks/Pulumi.dev.yaml"


@dataclass(frozen=True, kw_only=True)
class BadInput:
    """One mistake."""

    id: str
    """What is wrong, in a few words."""
    text: str
    """What is said: one problem a line."""
    change: Change = lambda _: None
    """How the configuration of a sound stack file is changed in place."""
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    """What lies in the prepared folder; None for a folder."""
    argv: Sequence[str] = ("preview", "--stack", "dev")
    """Arguments of `kubia`."""
    exit_code: int = 2
    """Exit code of `kubia`: misuse."""

    def prepare(self, folder: Path) -> None:
        """Put the files into `folder`."""
        for name, data in self.files.items():
            if data is None:
                (folder / name).mkdir()
            else:
                (folder / name).write_bytes(data)

    def stack_file(self, decoded: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """Return the changed content of a sound, decoded stack file."""
        changed: dict[str, Any] = copy.deepcopy(dict(decoded))
        self.change(changed["config"])
        filled: dict[str, Any] = _filled(changed, str(folder))
        return filled

    def expected(self, root: Path, folder: Path) -> str:
        """Return what is said in a project at `root`."""
        return self.text.replace("{root}", str(root)).replace(FOLDER, str(folder))


def _filled(value: Any, folder: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, folder) for item in value]
    return value.replace(FOLDER, folder) if isinstance(value, str) else value


def put(value: object, *path: str) -> Change:
    """Return the change that sets the value at `path`."""
    return partial(_put, value=value, path=path)


def drop(*path: str) -> Change:
    """Return the change that removes what is at `path`."""
    return partial(_drop, path=path)


def together(*changes: Change) -> Change:
    """Return the changes one after the other."""

    def change(config: dict[str, Any]) -> None:
        for each in changes:
            each(config)

    return change


def _put(config: dict[str, Any], *, value: object, path: Sequence[str]) -> None:
    for key in path[:-1]:
        config = config.setdefault(key, {})
    config[path[-1]] = value


def _drop(config: dict[str, Any], *, path: Sequence[str]) -> None:
    for key in path[:-1]:
        config = config[key]
    del config[path[-1]]


def wrong(id_: str, change: Change, *problems: str) -> BadInput:
    """Return a mistake in the stack file that its own checks find."""
    return BadInput(id=id_, change=change, text="\n".join(f"{FILE}: {said}" for said in problems))


SERVICES = "kubia:services"
WEB = (SERVICES, "kubia")
OWN_SECRETS = ("kubia:secrets", "kubia")
SITES, AGENTS = "kubia:sites", "kubia:agents"
OPERATORS = "kubia:operators"


def web(key: str, value: object) -> Change:
    """Return the change of one key of the web service `kubia`."""
    return put(value, *WEB, key)


def hello(value: object, *path: str) -> Change:
    """Return the change of what is at `path` in the site `hello`."""
    return put(value, SITES, "hello", *path)


def agent(key: str, value: object) -> Change:
    """Return the change of one key of the agent `ssd-monitor`."""
    return put(value, AGENTS, "ssd-monitor", key)


def operator(key: str, value: object) -> Change:
    """Return the change of one key of the operator `nginx-operator`."""
    return put(value, OPERATORS, "nginx-operator", key)


def autoscaler(**keys: int) -> Change:
    """Return the change that leaves the number of replicas to an autoscaler."""
    return together(drop(*WEB, "replicas"), web("autoscaler", keys))
