"""The fields in which an object would change, with secrets masked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubia.errors import MASK
from kubia.program.values import Path, show

# Metadata that the server keeps; no one declares it.
SERVERS_OWN = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"}
)
_ABSENT = object()


@dataclass(frozen=True)
class Field:
    """One field that differs. `old` is None where it is added, `new` where it is removed.

    `steps` are the path's: a list's item by its index, or by name where all items have one.
    """

    path: str
    old: Any
    new: Any
    steps: Path = field(default=(), compare=False)

    @property
    def sign(self) -> str:
        """`+` added, `-` removed, `~` changed."""
        if self.old is None:
            return "+"
        return "-" if self.new is None else "~"


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], secrets: tuple[Path, ...] = ()
) -> tuple[Field, ...]:
    """How the live object `old` would change into `new`; what is at or below `secrets` is masked.

    All data of a Secret is masked, whatever `secrets` say. That a masked field differs is shown.
    """
    hidden = secrets
    if new.get("kind") == "Secret":
        hidden = (*secrets, ("data",), ("stringData",))

    def seen(path: Path, value: Any) -> Any:
        return mask(value, path, hidden)

    return tuple(_differences(_declared(old), _declared(new), (), (), seen))


def mask(value: Any, path: Path, secrets: tuple[Path, ...]) -> Any:
    """Return the value at `path` with everything secret in it replaced."""
    if any(path[: len(secret)] == secret for secret in secrets):
        if isinstance(value, dict):
            return dict.fromkeys(value, MASK)
        return MASK
    if isinstance(value, dict):
        return {key: mask(item, (*path, key), secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item, (*path, index), secrets) for index, item in enumerate(value)]
    return value


def _declared(value: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {
        key: item for key, item in value.get("metadata", {}).items() if key not in SERVERS_OWN
    }
    rest = {key: item for key, item in value.items() if key not in {"status", "metadata"}}
    return {**rest, "metadata": metadata}


def _differences(
    old: Any, new: Any, path: Path, named: Path, seen: Callable[[Path, Any], Any]
) -> Iterator[Field]:
    """Fields that differ. `path` is by index; `named` tells list items by their name instead."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            was, becomes = old.get(key, _ABSENT), new.get(key, _ABSENT)
            yield from _differences(was, becomes, (*path, key), (*named, key), seen)
        return
    if isinstance(old, list) and isinstance(new, list) and (old or new):
        yield from _list_differences(old, new, path, named, seen)
        return
    yield Field(
        show(named),
        None if old is _ABSENT else seen(path, old),
        None if new is _ABSENT else seen(path, new),
        tuple(_steps(named)),
    )


def _steps(named: Path) -> Iterator[str | int]:
    """Return the path with a named item's name as a step of its own."""
    for step in named:
        if isinstance(step, str) and step.endswith("]"):
            field_, _, name = step[:-1].partition("[")
            yield from (field_, name)
        else:
            yield step


def _list_differences(
    old: list[Any], new: list[Any], path: Path, named: Path, seen: Callable[[Path, Any], Any]
) -> Iterator[Field]:
    olds, news = _by_name(old), _by_name(new)
    if olds is None or news is None:
        for index in range(max(len(old), len(new))):
            was, becomes = (items[index] if index < len(items) else _ABSENT for items in (old, new))
            yield from _differences(was, becomes, (*path, index), (*named, index), seen)
        return
    for name in sorted(olds.keys() | news.keys()):
        # Secrets are declared at the new list's indices; a removed item counts by its old one.
        index = (news if name in news else olds)[name][0]
        was, becomes = (items[name][1] if name in items else _ABSENT for items in (olds, news))
        step = f"{named[-1]}[{name}]"
        yield from _differences(was, becomes, (*path, index), (*named[:-1], step), seen)


def _by_name(items: list[Any]) -> dict[str, tuple[int, Any]] | None:
    """Return the items by their `name`, with their index, if each has one of its own."""
    names = [item.get("name") for item in items if isinstance(item, dict)]
    if len(names) != len(items) or not all(isinstance(name, str) for name in names):
        return None
    if len(set(names)) != len(names):
        return None
    return {str(name): (index, items[index]) for index, name in enumerate(names)}
