"""Names that Kubernetes accepts, and names derived from content.

Rules: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from kubia.errors import Problem

LABEL_LENGTH = 63
SUBDOMAIN_LENGTH = 253
HASH_LENGTH = 10
WRITER = "pulumi.com/patchFieldManager"
"""Annotation by which Pulumi's provider knows as which field manager it writes an object."""

_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_KEY_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_ENV_NAME = re.compile(r"[ -<>-~]+")
_CONTENT_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DERIVED = re.compile(rf".*-[0-9a-f]{{{HASH_LENGTH}}}")


def label_problems(field: str, name: str) -> Iterator[Problem]:
    """Yield what keeps `name` from naming a Service: a DNS label beginning with a letter."""
    yield from _length_problems((field,), name, LABEL_LENGTH)
    if not _LABEL.fullmatch(name):
        yield Problem(
            (field,),
            f"{name!r} is not a DNS label; use lower-case letters, digits and '-', "
            "begin with a letter and end with a letter or digit",
        )


def namespace_problems(field: str, name: str) -> Iterator[Problem]:
    """Yield what keeps `name` from naming a namespace: a DNS label, which may be all digits."""
    yield from _length_problems((field,), name, LABEL_LENGTH)
    if not _NAMESPACE.fullmatch(name):
        yield Problem(
            (field,),
            f"{name!r} is not a namespace's name; use lower-case letters, digits and '-', "
            "and begin and end with a letter or digit",
        )


def subdomain_problems(field: str, name: str) -> Iterator[Problem]:
    """Yield what keeps `name` from being a ConfigMap's name (a DNS subdomain)."""
    yield from _length_problems((field,), name, SUBDOMAIN_LENGTH)
    if not _SUBDOMAIN.fullmatch(name):
        yield Problem(
            (field,),
            f"{name!r} is not a DNS subdomain; use lower-case letters, digits, '-' and '.', "
            "and begin and end each part with a letter or digit",
        )


def labels_problems(field: str, labels: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with the keys and values of labels."""
    for key, value in labels.items():
        yield from qualified_problems((field,), key, "a label key")
        if not isinstance(value, str):
            continue
        yield from _length_problems((field, key), value, LABEL_LENGTH)
        if not _LABEL_VALUE.fullmatch(value):
            yield Problem(
                (field, key),
                f"{value!r} is not a label value; use letters, digits, '-', '_' and '.', "
                "and begin and end with a letter or digit",
            )


def _length_problems(path: tuple[str, ...], text: str, most: int) -> Iterator[Problem]:
    if len(text) > most:
        yield Problem(path, f"{text!r} has {len(text)} characters; at most {most} are allowed")


def annotations_problems(field: str, annotations: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with the keys of annotations, whose values may be any text."""
    for key in annotations:
        yield from qualified_problems((field,), key, "an annotation's key")
        if key == WRITER:
            yield Problem((field,), f"{key!r} is set by kubia; choose another key")


def qualified_problems(path: tuple[str, ...], name: str, what: str) -> Iterator[Problem]:
    """Yield what keeps `name`, a NAME or DOMAIN/NAME, from being `what`."""
    prefix, slash, rest = name.rpartition("/")
    if slash:
        for problem in subdomain_problems("", prefix):
            yield replace(problem, path=path, text=f"in {name!r}, {problem.text}")
    if len(rest) > LABEL_LENGTH or not _KEY_NAME.fullmatch(rest):
        yield Problem(
            path,
            f"{name!r} is not {what}; use at most {LABEL_LENGTH} letters, digits, "
            "'-', '_' and '.', and begin and end with a letter or digit",
        )


def env_problems(field: str, names: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with the names of environment variables."""
    for name in names:
        if not _ENV_NAME.fullmatch(name):
            yield Problem(
                (field,),
                f"{name!r} is not the name of an environment variable; "
                "use ASCII's letters, digits and signs but '='",
            )


def secret_env_problems(field: str, names: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with names of environment variables that are a Secret's keys as well."""
    for name in names:
        if not _CONTENT_KEY.fullmatch(name):
            yield Problem(
                (field,),
                f"{name!r} is not the name of an environment variable that a Secret can keep; "
                "use letters, digits, '-', '_' and '.'",
            )


def is_content_key(name: str) -> bool:
    """Return whether a file's name can be a ConfigMap's key."""
    is_short = len(name) <= SUBDOMAIN_LENGTH and _CONTENT_KEY.fullmatch(name) is not None
    return is_short and name != "." and not name.startswith("..")


def digest(value: object) -> str:
    """Return 10 hex digits of the SHA-256 of plain data; the order of keys does not matter."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()[:HASH_LENGTH]


def by_content(name: str, content: object) -> str:
    """Return the name of an immutable object: NAME-<10 hex of its content's hash>."""
    return f"{name}-{digest(content)}"


def record_name(project: str, stack: str) -> str:
    """Return the name of a stack's record: PROJECT-STACK, if objects may be called so.

    Pulumi's stacks may have capital letters and underscores: a hash tells them from others then.
    """
    name = f"{project}-{stack}"
    if _SUBDOMAIN.fullmatch(name):
        return name
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "stack"
    return f"{stem}-{digest(name)}"


def site_name(config_map: str) -> str:
    """Return the name of the Deployment and Service for a ConfigMap, whatever that is called.

    A name that is fit for a Service stays as it is. Any other one, and any that could be mistaken
    for a derived one, is shortened and ends in the hash of the whole name, so that no two
    ConfigMaps of a namespace share a site.
    """
    is_label = len(config_map) <= LABEL_LENGTH and _LABEL.fullmatch(config_map)
    if is_label and not _DERIVED.fullmatch(config_map):
        return config_map
    stem = re.sub(r"[^a-z0-9]+", "-", config_map).strip("-")
    stem = stem if stem[:1].isalpha() else f"site-{stem}"
    stem = stem[: LABEL_LENGTH - HASH_LENGTH - 1].rstrip("-")
    return f"{stem}-{digest(config_map)}"
