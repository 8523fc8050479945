"""Keeps a stack file's secrets as they are while all else of it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kubia.project import contract
from kubia.project.stackfile import has_secret, is_secure

SEALING = ("secretsprovider", "encryptionsalt", "encryptedkey")
"""Keys of a stack file that say how its secrets are sealed."""


@dataclass
class Kept:
    """What became of the secrets, each by the keys that lead to it."""

    differing: list[str] = field(default_factory=list)
    """They stay as they are, though the other content has them otherwise, or has them alone."""
    returning: list[str] = field(default_factory=list)
    """They come back, for what holds them does."""


def kept(
    present: Mapping[str, Any], other: Mapping[str, Any], project: str
) -> tuple[dict[str, Any], Kept]:
    """Return the content `other` with the secrets of `present`, and what became of them.

    Secret is what is sealed, and all that the stack file holds as `secrets`; `project` is the
    project's name.
    """
    result = Kept()
    merged = {key: value for key, value in other.items() if key not in {*SEALING, "config"}}
    config = _merged(
        present.get("config") or {},
        other.get("config") or {},
        contract.secrets_keys(project),
        result,
        "",
    )
    sealing = present if present.keys() & set(SEALING) else other
    merged |= {"config": config} if "config" in other or config else {}
    return {**merged, **{key: sealing[key] for key in SEALING if key in sealing}}, result


def of_its_owners(content: Mapping[str, Any], project: str) -> tuple[dict[str, Any], list[str]]:
    """Return the content without the secrets of services and tasks that it has not, and their keys.

    A program takes such secrets for those of one whose name is mistyped.
    """
    config = dict(content.get("config") or {})
    known, gone = contract.secret_owners(content, project), list[str]()
    for key in config.keys() & contract.secrets_keys(project):
        owners = contract.secrets(content, project).keys() - set(known)
        if owners:
            config[key] = {name: each for name, each in config[key].items() if name not in owners}
            gone += [f"{key}.{owner}" for owner in sorted(owners)]
    return {**content, "config": config} if gone else dict(content), gone


def _merged(
    present: Mapping[str, Any],
    other: Mapping[str, Any],
    secret: frozenset[str],
    result: Kept,
    path: str,
) -> dict[str, Any]:
    """Return `other` with what is secret in `present`; all is secret below the keys `secret`."""
    merged: dict[str, Any] = {}
    for key in (*other, *(key for key in present if key not in other)):
        name = f"{path}.{key}" if path else str(key)
        old, new = present.get(key), other.get(key)
        if key in secret or _is_secret(old) or _is_secret(new):
            if key in present:
                merged[key] = old
            if old != new and key in other:
                result.differing += _names(old, new, name)
        elif key in other:
            if isinstance(old, dict) and isinstance(new, dict):
                merged[key] = _merged(old, new, frozenset(), result, name)
                continue
            merged[key] = new
            if has_secret(new):
                result.returning.append(name)
    return merged


def _is_secret(value: Any) -> bool:
    return is_secure(value) or (isinstance(value, list) and has_secret(value))


def _names(old: Any, new: Any, name: str) -> list[str]:
    """Return the names of what differs, as deep as that can be told."""
    if is_secure(new) or not isinstance(new, dict):
        return [] if old == new else [name]
    before = old if isinstance(old, dict) else {}
    return [
        each
        for key, value in new.items()
        for each in _names(before.get(key), value, f"{name}.{key}")
    ]
