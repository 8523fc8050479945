"""Files that are declared by path: keys of one ConfigMap, or one Secret, of all containers.

Each is mounted as a file of its own, so that the folder it lies in keeps the image's other files.
Such a mount never follows a change of its object; these never change: they are named by content.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kubia.errors import Problem
from kubia.manifests.meta import Meta
from kubia.manifests.names import SUBDOMAIN_LENGTH, by_content
from kubia.manifests.values import Leaf, Object

LIMIT = 1024 * 1024
"""Bytes that a ConfigMap or a Secret can hold."""
_PATH = re.compile(r"(/(?!\.\.?(?:/|$))[-._a-zA-Z0-9]+)+")
_LONGEST = SUBDOMAIN_LENGTH - 64
"""Characters of a path: with a container's name before it, it is a key."""


def path_problems(field: str, files: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with the paths of files."""
    for path in files:
        if not _PATH.fullmatch(path) or len(path) > _LONGEST:
            text = (
                f"{path!r} is not the path of a file; use at most {_LONGEST} letters, digits, "
                "'-', '_', '.' and '/', begin with '/', and name the file at the end"
            )
            yield Problem((field,), text)
    keys: dict[str, str] = {}
    for path in files:
        other = keys.setdefault(_key("", path), path)
        if other != path:
            text = f"{path!r} and {other!r} would be one key: rename a file, or mount a volume"
            yield Problem((field,), text)


def size_problems(field: str, files: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problem of files that are too large together, as far as their texts are known."""
    texts = [text for text in files.values() if isinstance(text, str)]
    size = sum(len(text.encode(errors="surrogatepass")) for text in texts)
    if size > LIMIT:
        text = f"have {size} bytes together; at most {LIMIT} are allowed: mount a volume instead"
        yield Problem((field,), text)


def by_key(containers: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the files of named containers by their keys in the one object."""
    return {_key(name, path): text for name, files in containers for path, text in files.items()}


def mounts(volume: str, container: str, files: Mapping[str, object]) -> list[Object]:
    """Return where a container sees its files."""
    return [
        {"name": volume, "mountPath": path, "subPath": _key(container, path), "readOnly": True}
        for path in sorted(files)
    ]


def config_map(meta: Meta, files: Mapping[str, str]) -> Object:
    """Return the immutable ConfigMap of files by key."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta.metadata(by_content(f"{meta.name}-files", files)),
        "immutable": True,
        "data": dict(files),
    }


def volumes(config: Leaf | None, secret: Leaf | None) -> list[Object]:
    """Return the volumes of the files, from the objects of these names."""
    plain: list[Object] = [{"name": "files", "configMap": {"name": config}}] if config else []
    hidden: list[Object] = (
        [{"name": "secret-files", "secret": {"secretName": secret}}] if secret else []
    )
    return [*plain, *hidden]


def _key(container: str, path: str) -> str:
    """Return the key of a container's file: its name has no '_', with which the path begins."""
    return f"{container}{path.replace('/', '_')}"
