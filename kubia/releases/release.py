"""One release of a stack, and how it is written down."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from types import UnionType
from typing import Any, Literal, get_args

from kubia.program.objects import Manifest

Outcome = Literal["pending", "deployed", "failed", "undone"]


@dataclass(frozen=True)
class Release:
    """What one `up` declared, and what came of it.

    `time` is RFC 3339 in UTC. `images` are by workload. `document` is the stack file's content,
    its secrets sealed as they are there. `sites` holds the files (in base64) of each directory that
    a site is made of. Either is None if it was too large to be kept. `diff` are the changed fields.

    It `follows` what served before it and was not gone back over; None if it was written when
    releases did not say so, and all that served counts. A rollback goes `back_to` a release, and
    `leaves` others; these are `rolled_back_to` something else once it has been deployed (see
    `ledger`).
    """

    number: int
    time: str
    who: str
    cause: str
    outcome: Outcome
    digest: str
    images: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] | None = field(default_factory=dict)
    sites: Mapping[str, Mapping[str, str]] | None = field(default_factory=dict)
    diff: tuple[str, ...] = ()
    rolled_back_to: int | None = None
    back_to: int | None = None
    leaves: tuple[int, ...] = ()
    follows: tuple[int, ...] | None = None

    @property
    def state(self) -> str:
        """The outcome in words."""
        if self.rolled_back_to is None:
            return self.outcome
        back = f"rolled back to {self.rolled_back_to}"
        return back if self.outcome == "deployed" else f"{self.outcome}, {back}"

    @property
    def is_rejected(self) -> bool:
        """Whether it was taken back: nobody should bring it up again by accident."""
        return self.outcome == "undone" or self.rolled_back_to is not None


def encode(release: Release) -> bytes:
    """Return the release as it is kept: always the same bytes for the same release."""
    text = json.dumps(asdict(release), sort_keys=True, ensure_ascii=False)
    return gzip.compress(text.encode(), mtime=0)


def decode(data: bytes) -> Release:
    """Return the release that `encode` made these bytes of.

    Raises:
        ValueError: they are damaged, or somebody else's.

    """
    try:
        values = json.loads(gzip.decompress(data))
        lists = {key: tuple(values.get(key, ())) for key in ("diff", "leaves")}
        if values.get("follows") is not None:
            lists["follows"] = tuple(values["follows"])
        release = Release(**{**values, **lists})
    except (AttributeError, EOFError, OSError, RecursionError, TypeError, zlib.error) as error:
        raise ValueError(str(error)) from error
    strange = ", ".join(_strange(release))
    if strange:
        message = f"not what a release has: {strange}"
        raise ValueError(message)
    return release


def _strange(release: Release) -> Iterator[str]:
    """Yield the fields that are not of their type."""
    shapes: dict[str, type[Any] | UnionType] = {
        **dict.fromkeys(("time", "who", "cause", "digest"), str),
        "number": int,
        **dict.fromkeys(("back_to", "rolled_back_to"), int | None),
        "images": Mapping,
        **dict.fromkeys(("document", "sites"), Mapping | None),
    }
    yield from (name for name, it in shapes.items() if not isinstance(getattr(release, name), it))
    if release.outcome not in get_args(Outcome):
        yield "outcome"
    if not all(isinstance(line, str) for line in release.diff):
        yield "diff"
    for name in ("leaves", "follows"):
        if not all(isinstance(number, int) for number in getattr(release, name) or ()):
            yield name


def digest(manifests: Iterable[Manifest]) -> str:
    """Return a hash of everything that is declared."""
    objects = [manifest.object for manifest in manifests]
    return hashlib.sha256(json.dumps(objects, sort_keys=True).encode()).hexdigest()


def images(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the images that the declared workloads run: by name, and container if several.

    A Job's name is its task's, without what tells its versions apart.
    """
    by_name: dict[str, str] = {}
    for manifest in manifests:
        spec = manifest.object.get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        pod = (spec.get("template") or {}).get("spec") or {}
        labels = manifest.object["metadata"].get("labels") or {}
        own = manifest.key.name
        own = labels.get("app", own) if manifest.key.kind == "Job" else own
        containers = pod.get("containers") or []
        for container in containers:
            name = own if len(containers) == 1 else f"{own}/{container['name']}"
            by_name[name] = str(container.get("image", ""))
    return by_name


def cause(before: Mapping[str, str] | None, after: Mapping[str, str], changed: int) -> str:
    """Return why there is this release, as far as the images tell; `changed` counts objects."""
    if before is None:
        return "first release"
    changes = [
        f"{name} {before[name]} → {image}" if name in before else f"{name} {image} added"
        for name, image in sorted(after.items())
        if before.get(name) != image
    ]
    changes += [f"{name} removed" for name in sorted(before.keys() - after.keys())]
    return ", ".join(changes) or f"{changed} {'object' if changed == 1 else 'objects'} changed"
