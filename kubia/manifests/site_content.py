"""A site's files in ConfigMaps, and the volume in which they are the files again.

A ConfigMap's keys are plain names and its values at most 1 MiB. What is neither is served all the
same: each file by a key of its own, in as many ConfigMaps as are needed, mounted by `items`.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kubia.errors import Problem
from kubia.manifests import site_validators
from kubia.manifests.meta import Meta
from kubia.manifests.names import by_content, digest, is_content_key
from kubia.manifests.values import Object

FILE_LIMIT = 1024 * 1024
"""Bytes of a file, and of a ConfigMap's values together.

Source: https://kubernetes.io/docs/concepts/configuration/configmap/#motivation
"""
SITE_LIMIT = 16 * FILE_LIMIT
"""Bytes of a site. A release makes them anew, in etcd, which holds 2 GiB by default, and in every
pod's node; each such object is written, watched and kept as a whole."""
ITEMS_LIMIT = 512 * 1024
"""Bytes of `items`, which the Deployment and each of its ReplicaSets and pods hold: etcd takes
objects of 1.5 MiB. It is enough for about 5,000 files."""
CONTENT, VALIDATORS = "content", "validators"
"""Names of the volumes."""
_LONGEST_NAME = 255
"""Bytes of a file's name, as file systems have it."""
_LONGEST_PATH = 1024
"""Bytes."""
_STEM = 40
"""Characters of a file's name that its key shows."""
_ENCODED = re.compile(r".*-[0-9a-f]{10}")
_PER_KEY = 32
"""Bytes that a key takes beside its value, in the object and in its managedFields."""
_SHOWN = 3


class _File(NamedTuple):
    """A file as a ConfigMap holds it."""

    field: str
    """data or binaryData."""
    key: str
    value: str
    size: int
    """Bytes."""


def path_problems(text: Mapping[str, str], binary: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what keeps files from being mounted at their paths."""
    for field, paths in (("content", text), ("binaryContent", binary)):
        for path in paths:
            if path == site_validators.KEY:
                yield Problem((field, path), "is kubia's own; rename it")
            if wrong := _wrong(path):
                yield Problem((field,), f"{path!r} {wrong}")
            for parent in _parents(path):
                if parent in text or parent in binary:
                    yield Problem(
                        (field, path), f"is in a folder, but {parent} is a file; rename one"
                    )
    for path in sorted(text.keys() & binary.keys()):
        yield Problem(("binaryContent", path), "is in content too; keep one of them", ("content",))


def _wrong(path: str) -> str | None:
    """Return what is wrong with a file's path, if anything is."""
    parts = path.split("/")
    if not path or {"", ".", ".."} & set(parts) or parts[0].startswith("..") or "\0" in path:
        return (
            "is not the path of a file; name folders and file with one '/' between them, such as "
            "css/site.css, and do not begin with '/' or '..'"
        )
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        return "is not UTF-8; rename it"
    if longest > _LONGEST_NAME or len(path.encode()) > _LONGEST_PATH:
        return (
            f"is too long; a name has at most {_LONGEST_NAME} bytes, a path {_LONGEST_PATH}: "
            "shorten it"
        )
    return None


def _parents(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def size_problems(text: Mapping[str, str], binary: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with the files' sizes, and which are not base64."""
    sizes = {path: _size(value) for path, value in text.items()}
    for path, value in binary.items():
        try:
            sizes[path] = len(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            yield Problem(("binaryContent", path), "is not base64; encode the file's bytes")
    for path, size in sizes.items():
        if size > FILE_LIMIT:
            place = ("binaryContent" if path in binary else "content", path)
            most = f"a file has at most {FILE_LIMIT}, as a ConfigMap holds"
            advice = "make it smaller, or serve it from elsewhere"
            yield Problem(place, f"has {size} bytes; {most}: {advice}")
    total = sum(sizes.values())
    if total > SITE_LIMIT:
        largest = sorted(sizes, key=lambda path: -sizes[path])[:_SHOWN]
        shown = ", ".join(f"{path} {sizes[path]}" for path in largest)
        yield Problem(
            ("content",),
            f"has {total} bytes ({shown}); a site has at most {SITE_LIMIT}: "
            "make it smaller, or serve large files from elsewhere",
            ("binaryContent",),
        )
    listed = 0 if is_plain(sizes) else len(json.dumps(_items(_keys(sizes))))
    if listed > ITEMS_LIMIT:
        yield Problem(
            ("content",),
            f"has {len(sizes)} files, whose list has {listed} bytes; a Deployment takes at most "
            f"{ITEMS_LIMIT}: use fewer files, or shorter names",
            ("binaryContent",),
        )


def _size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


def is_plain(paths: Iterable[str]) -> bool:
    """Return whether all files can be keys as they are."""
    return all(map(is_content_key, paths))


def config_maps(meta: Meta, text: Mapping[str, str], binary: Mapping[str, str]) -> list[Object]:
    """Return the content and its validators, in one ConfigMap if it can be; they are in the last.

    Each is immutable and named NAME-<10 hex of its hash>, so it never needs to change; the second
    is NAME.2-<hash>, which no other site's is called: a dot is in no site's name.
    """
    every = _files(text, binary)
    validators = _validators(text, binary)
    if is_plain([*text, *binary]) and _fit([validators, *every]):
        return [_config_map(meta, 1, [validators, *every])]
    parts = _parts([*sorted(every, key=lambda file: file.key), validators])
    return [_config_map(meta, number, part) for number, part in enumerate(parts, start=1)]


def one_config_map(meta: Meta, text: Mapping[str, str], binary: Mapping[str, str]) -> Object:
    """Return content that came in one ConfigMap in one, with validators if there is room."""
    every = _files(text, binary)
    validators = _validators(text, binary)
    return _config_map(meta, 1, [validators, *every] if _fit([validators, *every]) else every)


def former_name(meta: Meta, text: Mapping[str, str], binary: Mapping[str, str]) -> str:
    """Return the name that content in one ConfigMap has without validators."""
    return str(_config_map(meta, 1, _files(text, binary))["metadata"]["name"])


def volumes(config_maps: Sequence[Object], paths: Iterable[str]) -> list[Object]:
    """Return what mounts the files, at these paths, and their validators."""
    keys = _keys(paths)
    names = [config_map["metadata"]["name"] for config_map in config_maps]
    if len(names) == 1 and is_plain(keys):
        return plain_volumes(names[0])
    sources = []
    for name, config_map in zip(names, config_maps, strict=True):
        held = {**config_map.get("data", {}), **config_map.get("binaryData", {})}
        # Without items a ConfigMap is mounted whole: the one of validators alone is left out.
        if items := _items({path: key for path, key in keys.items() if key in held}):
            sources.append({"configMap": {"name": name, "items": items}})
    return [{"name": CONTENT, "projected": {"sources": sources}}, _validators_volume(names[-1])]


def plain_volumes(name: str) -> list[Object]:
    """Return what mounts a ConfigMap whose keys are the files' names, and their validators."""
    return [{"name": CONTENT, "configMap": {"name": name}}, _validators_volume(name)]


def _validators_volume(name: str) -> Object:
    items = [{"key": site_validators.KEY, "path": site_validators.FILE}]
    return {"name": VALIDATORS, "configMap": {"name": name, "items": items, "optional": True}}


def _files(text: Mapping[str, str], binary: Mapping[str, str]) -> list[_File]:
    keys = _keys([*text, *binary])
    return [
        *(_File("data", keys[path], value, _size(value)) for path, value in text.items()),
        *(
            _File("binaryData", keys[path], value, len(base64.b64decode(value)))
            for path, value in binary.items()
        ),
    ]


def _validators(text: Mapping[str, str], binary: Mapping[str, str]) -> _File:
    plain = {path: value.encode(errors="surrogatepass") for path, value in text.items()}
    coded = {path: base64.b64decode(value) for path, value in binary.items()}
    entries = site_validators.entries({**plain, **coded})
    return _File("data", site_validators.KEY, entries, _size(entries))


def _fit(files: Iterable[_File]) -> bool:
    return sum(file.size for file in files) <= FILE_LIMIT


def _keys(paths: Iterable[str]) -> dict[str, str]:
    """Return each file's key.

    It is the path, if all can be. Otherwise what can be none, or could be mistaken for what is
    derived of one, is shortened and ends in the hash of the whole path.
    """
    every = sorted(paths)
    if is_plain(every):
        return {path: path for path in every}
    return {path: _key(path) for path in every}


def _key(path: str) -> str:
    if is_content_key(path) and not _ENCODED.fullmatch(path):
        return path
    name = re.sub(r"[^-._a-zA-Z0-9]", "_", path.rpartition("/")[2])[:_STEM].lstrip(".")
    return f"{name}-{digest(path)}"


def _items(keys: Mapping[str, str]) -> list[Object]:
    return [{"key": key, "path": path} for path, key in sorted(keys.items())]


def _parts(files: Iterable[_File]) -> list[list[_File]]:
    """Return the files in as few ConfigMaps as fit, one after the other.

    A key counts twice: its manager is noted for each.
    """
    parts: list[list[_File]] = [[]]
    room = FILE_LIMIT
    for file in files:
        cost = file.size + 2 * len(file.key) + _PER_KEY
        if parts[-1] and cost > room:
            parts.append([])
            room = FILE_LIMIT
        parts[-1].append(file)
        room -= cost
    return parts


def _config_map(meta: Meta, number: int, files: Iterable[_File]) -> Object:
    data: dict[str, dict[str, str]] = {}
    for file in files:
        data.setdefault(file.field, {})[file.key] = file.value
    stem = meta.name if number == 1 else f"{meta.name}.{number}"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta.metadata(by_content(stem, data)),
        "immutable": True,
        **data,
    }
