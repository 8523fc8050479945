"""Reads a project (Pulumi.yaml) and one of its stacks (Pulumi.NAME.yaml) as Pulumi's CLI does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubia import yaml12
from kubia.errors import InvalidError, did_you_mean
from kubia.project import passphrase


@dataclass(frozen=True)
class Project:
    """A folder with a Pulumi.yaml. `defaults` are its config values, by full key."""

    root: Path
    name: str
    stacks: Path
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stack:
    """A stack's configuration, decrypted. `config` is by full key (`kubia:namespace`).

    `document` is its file as it stands: all keys, secrets still sealed.
    """

    project: Project
    name: str
    file: Path
    config: Mapping[str, Any]
    secret_keys: frozenset[str]
    document: Mapping[str, Any] = field(default_factory=dict)


def project(folder: Path) -> Project:
    """Return the project in `folder` or the nearest folder above it.

    Raises:
        InvalidError: there is none, or its Pulumi.yaml is malformed.

    """
    folder = folder.resolve()
    for root in (folder, *folder.parents):
        file = root / "Pulumi.yaml"
        if file.is_file():
            return _project(root, read(file), file)
    problem = f"no Pulumi.yaml in {folder} or above: go to a Pulumi project, or name one by --cwd."
    raise InvalidError([problem])


def stack(of: Project, name: str) -> Stack:
    """Return the stack `name` with its secrets decrypted.

    Raises:
        InvalidError: there is no such stack, its file is malformed, or a secret cannot be opened.

    """
    return of_document(of, name, *content(of, name))


def content(of: Project, name: str) -> tuple[Path, dict[str, Any]]:
    """Return where the file of a stack is, and what it holds, secrets still sealed.

    Raises:
        InvalidError: there is no such stack, or its file is malformed.

    """
    own = existing(of, name)
    data = read(own)
    _config(data, own)
    return own, data


def file(of: Project, name: str) -> Path:
    """Return where the stack's file is, or would be."""
    return of.stacks / f"Pulumi.{name}.yaml"


def place(of: Project, file: Path) -> str:
    """Return how the file is called in the project: its path there, if it is there."""
    return str(file.relative_to(of.root) if file.is_relative_to(of.root) else file)


def existing(of: Project, name: str) -> Path:
    """Return where the file of a stack is that there is.

    Raises:
        InvalidError: there is no such stack, or what bears its name is no file.

    """
    own = file(of, name)
    try:
        if own.is_file():
            return own
        is_there = own.exists()
    except OSError as error:  # of a name that is too long, or a folder that is closed to us
        problem = f"stack {name!r}: {own}: cannot be read: {error.strerror}."
        raise InvalidError([problem]) from None
    if own.is_symlink() and not is_there:
        problem = (
            f"stack {name!r}: {own}: is a link to {own.readlink()}, which is not there: mend it."
        )
        raise InvalidError([problem])
    if is_there:
        problem = f"stack {name!r}: {own}: is no file, as a stack's must be: put one in its place."
        raise InvalidError([problem])
    raise InvalidError([_unknown(of, name)])


def of_document(of: Project, name: str, file: Path, data: Mapping[str, Any]) -> Stack:
    """Return the stack as it is, or was, declared by the content `data` of its file.

    Raises:
        InvalidError: the content is malformed, or a secret cannot be opened.

    """
    given = _config(data, file)
    twice = [key for key in given if ":" not in key and _full(of.name, key) in given]
    if twice:
        raise InvalidError(
            f"{file}: config: {key}: is given as {of.name}:{key} too; keep one of them."
            for key in twice
        )
    values = {_full(of.name, key): value for key, value in given.items()}
    secret = frozenset(key for key, value in values.items() if has_secret(value))
    if secret:
        decrypt = _decrypter(data, file)
        values = {key: _opened(value, decrypt) for key, value in values.items()}
    return Stack(of, name, file, {**of.defaults, **values}, secret, data)


def stack_names(of: Project) -> list[str]:
    """Return the stacks that the project has a file for, sorted."""
    files = of.stacks.glob("Pulumi.*.yaml")
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)


def _config(data: Mapping[str, Any], file: Path) -> dict[str, Any]:
    given = data.get("config") or {}
    if isinstance(given, dict):
        return given
    shown = "a list" if isinstance(given, list) else repr(given)  # which may hold secrets
    raise InvalidError([f"{file}: config is {shown}: it must be a map of keys to values."])


def _project(root: Path, data: Mapping[str, Any], file: Path) -> Project:
    name = data.get("name")
    if not isinstance(name, str):
        problem = f"{file}: name is {name!r}: it must be the project's name."
        raise InvalidError([problem])
    schema = data.get("config") or {}
    if not isinstance(schema, dict):
        problem = f"{file}: config is {schema!r}: it must be a map of keys to their descriptions."
        raise InvalidError([problem])
    defaults = {_full(name, key): _default(entry) for key, entry in schema.items()}
    return Project(
        root,
        name,
        root / str(data.get("stackConfigDir") or "."),
        {key: value for key, value in defaults.items() if value is not None},
    )


def _default(entry: Any) -> Any:
    """Return the value that a key of Pulumi.yaml's `config` gives to every stack, or None."""
    if isinstance(entry, dict):
        return entry.get("value", entry.get("default"))
    return entry


def _full(namespace: str, key: str) -> str:
    return key if ":" in key else f"{namespace}:{key}"


def _unknown(of: Project, name: str) -> str:
    names = stack_names(of)
    if not names:
        return f"stack {name!r} does not exist: there is no Pulumi.NAME.yaml in {of.stacks}."
    hint = did_you_mean(name, names)
    end = f"; {hint}" if hint else "."
    return f"stack {name!r} does not exist: allowed are {', '.join(names)}{end}"


def read(file: Path) -> dict[str, Any]:
    """Return a YAML file's map as Pulumi's CLI reads it; an empty file holds an empty one.

    Raises:
        InvalidError: the file cannot be read, or holds no YAML, or no map.

    """
    return parsed(text(file), file)


def text(file: Path) -> str:
    """Return what a text file holds, with its line ends and its byte order mark as they are.

    Raises:
        InvalidError: it cannot be read, or is not in UTF-8.

    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InvalidError([f"{file}: cannot be read: {error.strerror}."]) from None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"{file}:{line}: holds what is no UTF-8: save the file in that encoding."
        raise InvalidError([problem]) from None


def parsed(text: str, file: Path) -> dict[str, Any]:
    """Return the map that `text` holds; `file` is whose text it is, as errors name it.

    Raises:
        InvalidError: the text is no YAML, or no map.

    """
    data = yaml12.load(text, str(file))
    if data is not None and not isinstance(data, dict):
        problem = f"{file}: it must be a map of keys to values."
        raise InvalidError([problem])
    return data or {}


def is_secure(value: Any) -> bool:
    """Whether the value is sealed."""
    return isinstance(value, dict) and set(value) == {"secure"}


def has_secret(value: Any) -> bool:
    """Whether the value is sealed, or any in it."""
    if is_secure(value):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, list) and any(has_secret(item) for item in value)


def _opened(value: Any, decrypt: Callable[[str], str]) -> Any:
    if is_secure(value):
        return decrypt(str(value["secure"]))
    if isinstance(value, dict):
        return {key: _opened(item, decrypt) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item, decrypt) for item in value]
    return value


def _decrypter(data: Mapping[str, Any], file: Path) -> Callable[[str], str]:
    provider = data.get("secretsprovider", "passphrase")
    salt = data.get("encryptionsalt")
    if provider != "passphrase" or not isinstance(salt, str):
        named = provider if provider != "passphrase" else "not the passphrase provider's"
        problem = (
            f"{file}: the secrets provider is {named}: without Pulumi's CLI only the passphrase "
            "provider's secrets can be read; use the pulumi engine (--engine pulumi)."
        )
        raise InvalidError([problem])
    return passphrase.Passphrase(passphrase.from_environment(), salt).decrypt
