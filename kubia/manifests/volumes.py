"""Volumes of a pod, the claims that are made for them, and where containers mount them."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.environment import reference_problems
from kubia.manifests.images import image_problems
from kubia.manifests.meta import RETAIN, Meta
from kubia.manifests.names import label_problems
from kubia.manifests.values import Bool, Leaf, Object, Spec, one_of, quantity, without_none, written
from kubia.manifests.workloads import SKIP_AWAIT

TMP: Object = {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}}
"""The volume `tmp`, mounted at /tmp, unless the service says another."""
RESERVED = ("files", "secret-files")
"""Volumes that hold what is declared as files."""
AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]


@dataclass(frozen=True, kw_only=True)
class EmptyDir(Spec):
    """A folder that is empty when a pod starts, shared by its containers, and goes with it."""

    medium: Literal["Memory", "HugePages"] | None = None
    """What it lies in; the node's disk if unset. What lies in memory counts against limits."""
    size_limit: str | None = None
    """Quantity above which the pod is evicted."""

    def __post_init__(self) -> None:
        """Check the size."""
        refuse(_size_problems("sizeLimit", self.size_limit))


@dataclass(frozen=True, kw_only=True)
class Claim(Spec):
    """A PersistentVolumeClaim that the service makes, called SERVICE-VOLUME, and never deletes."""

    storage: str
    """Quantity it asks for; it may grow where the storage class allows that."""
    storage_class_name: str | None = None
    """Class of storage; the cluster's default if unset. It cannot be changed later."""
    access_modes: Sequence[AccessMode] = ("ReadWriteOnce",)
    """Who may mount it at the same time. It cannot be changed later."""

    def __post_init__(self) -> None:
        """Check the size, the class and the modes."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from _size_problems("storage", self.storage)
        # Empty, it is no class: of the volumes that somebody made by hand.
        yield from reference_problems("storageClassName", self.storage_class_name or None)
        if not self.access_modes:
            yield Problem(("accessModes",), "is empty; name one, such as ReadWriteOnce")


@dataclass(frozen=True, kw_only=True)
class PersistentVolumeClaim(Spec):
    """A PersistentVolumeClaim that exists."""

    claim_name: Leaf
    """Its name."""
    read_only: Bool = False
    """Whether nobody may write to it."""

    def __post_init__(self) -> None:
        """Check the name."""
        refuse(reference_problems("claimName", self.claim_name))


@dataclass(frozen=True, kw_only=True)
class ConfigMapVolume(Spec):
    """A ConfigMap that exists, a file for each key."""

    name: Leaf
    """Its name."""
    optional: Bool = False
    """Whether the pod starts without it."""

    def __post_init__(self) -> None:
        """Check the name."""
        refuse(reference_problems("name", self.name))


@dataclass(frozen=True, kw_only=True)
class SecretVolume(Spec):
    """A Secret that exists, a file for each key."""

    secret_name: Leaf
    """Its name."""
    optional: Bool = False
    """Whether the pod starts without it."""

    def __post_init__(self) -> None:
        """Check the name."""
        refuse(reference_problems("secretName", self.secret_name))


@dataclass(frozen=True, kw_only=True)
class ImageVolume(Spec):
    """The files of an image or OCI artifact, read-only; of Kubernetes 1.35 on."""

    reference: Leaf
    """Image reference."""
    pull_policy: Literal["IfNotPresent", "Always", "Never"] | None = None
    """When it is pulled; IfNotPresent if unset, Always for the tag latest."""

    def __post_init__(self) -> None:
        """Check the reference."""
        refuse(image_problems("reference", self.reference))


@dataclass(frozen=True, kw_only=True)
class Volume(Spec):
    """What a volume is: one of six things. Others are for `raw`."""

    empty_dir: EmptyDir | None = None
    """An empty folder that goes with the pod."""
    claim: Claim | None = None
    """A claim that the service makes."""
    persistent_volume_claim: PersistentVolumeClaim | None = None
    """A claim that exists."""
    config_map: ConfigMapVolume | None = None
    """A ConfigMap that exists."""
    secret: SecretVolume | None = None
    """A Secret that exists."""
    image: ImageVolume | None = None
    """The files of an image."""

    def __post_init__(self) -> None:
        """Check that it is exactly one thing."""
        refuse(one_of(self))


@dataclass(frozen=True, kw_only=True)
class VolumeMount(Spec):
    """Where a container sees a volume."""

    name: str
    """Name of the volume."""
    mount_path: str
    """Folder, or with subPath a file, at which it is mounted."""
    read_only: Bool = False
    """Whether this container may only read it."""
    sub_path: str | None = None
    """Folder or file within the volume; the whole volume if unset."""

    def __post_init__(self) -> None:
        """Check the paths."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from path_problems(("mountPath",), self.mount_path)
        yield from sub_path_problems("subPath", self.sub_path)


def place(path: str) -> str:
    """Return a path in a container as the container sees it: `/tmp` of `/tmp/` and `//tmp`."""
    return posixpath.normpath(f"/{path.lstrip('/')}")


def sub_path_problems(field: str, path: str | None) -> Iterator[Problem]:
    """Yield what keeps `path` from being a place in a volume."""
    if path is not None and (path.startswith("/") or ".." in path.split("/")):
        text = f"is {path!r}; must be a path within the volume: no '/' first, no '..'"
        yield Problem((field,), text)


def path_problems(place: tuple[str, ...], path: str) -> Iterator[Problem]:
    """Yield what keeps `path` from being a place in a container."""
    if not path.startswith("/") or path == "/" or ":" in path or ".." in path.split("/"):
        text = f"{path!r} is no place in a container; begin with '/', without '..' and ':'"
        yield Problem(place, text)


def volume_problems(volumes: Mapping[str, Volume]) -> Iterator[Problem]:
    """Yield what is wrong with the names of volumes."""
    for name in volumes:
        yield from label_problems("volumes", name)
        if name in RESERVED:
            text = "is the name of what is declared as files; choose another name"
            yield Problem(("volumes", name), text)


def pod_volumes(service: str, volumes: Mapping[str, Volume]) -> list[Object]:
    """Return the volumes as a pod of `service` holds them, by name: no order of keys rolls it."""
    return [
        {"name": name, **_source(service, name, volume)} for name, volume in sorted(volumes.items())
    ]


def claims(meta: Meta, volumes: Mapping[str, Volume]) -> dict[str, Object]:
    """Return the claims that the service makes, by volume.

    They hold data, so they stay when they are no longer declared; and nobody waits for one, for it
    may be bound no earlier than a pod needs it, which the pods' own wait shows.
    """
    return {
        name: {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": meta.metadata(
                claim_name(meta.name, name), annotations={**RETAIN, **SKIP_AWAIT}
            ),
            "spec": without_none(
                {
                    "accessModes": list(volume.claim.access_modes),
                    "resources": {"requests": {"storage": volume.claim.storage}},
                    "storageClassName": volume.claim.storage_class_name,
                }
            ),
        }
        for name, volume in volumes.items()
        if volume.claim is not None
    }


def _source(service: str, name: str, volume: Volume) -> Object:
    if volume.claim is not None:
        return {"persistentVolumeClaim": {"claimName": claim_name(service, name)}}
    source: Object = written(volume)
    return source


def claim_name(service: str, volume: str) -> str:
    """Return the name of the claim that is made for a volume."""
    return f"{service}-{volume}"


def _size_problems(field: str, size: str | None) -> Iterator[Problem]:
    try:
        quantity(size or "1")
    except ValueError as error:
        yield Problem((field,), str(error))
