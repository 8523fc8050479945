"""Volumes of pods."""

from enum import Enum
from typing import NotRequired, TypedDict

import pulumi

from .containers import PullPolicy


class Medium(str, Enum):
    """What an empty folder lies in, other than the node's disk."""

    Memory = "Memory"
    """Memory, which counts against the limits."""
    HugePages = "HugePages"
    """Huge pages."""


class AccessMode(str, Enum):
    """Who may mount a claim at the same time."""

    ReadWriteOnce = "ReadWriteOnce"
    """The pods of one node."""
    ReadOnlyMany = "ReadOnlyMany"
    """All pods, for reading."""
    ReadWriteMany = "ReadWriteMany"
    """All pods."""
    ReadWriteOncePod = "ReadWriteOncePod"
    """One pod."""


class EmptyDirArgs(TypedDict):
    """A folder that is empty when a pod starts, shared by its containers, and goes with it."""

    medium: NotRequired[Medium]
    """What it lies in. Default: the node's disk."""
    size_limit: NotRequired[str]
    """Quantity above which the pod is evicted. Default: none."""


class ClaimArgs(TypedDict):
    """A PersistentVolumeClaim that the service makes, called SERVICE-VOLUME, and never deletes."""

    storage: str
    """Quantity it asks for; it may grow where the storage class allows that."""
    storage_class_name: NotRequired[str]
    """Class of storage; it cannot be changed later. Default: the cluster's."""
    access_modes: NotRequired[list[AccessMode]]
    """Who may mount it at the same time; it cannot be changed later. Default: ReadWriteOnce."""


class PersistentVolumeClaimArgs(TypedDict):
    """A PersistentVolumeClaim that exists."""

    claim_name: pulumi.Input[str]
    """Its name."""
    read_only: NotRequired[bool]
    """Whether nobody may write to it. Default: false."""


class ConfigMapVolumeArgs(TypedDict):
    """A ConfigMap that exists, a file for each key."""

    name: pulumi.Input[str]
    """Its name."""
    optional: NotRequired[bool]
    """Whether the pod starts without it. Default: false."""


class SecretVolumeArgs(TypedDict):
    """A Secret that exists, a file for each key."""

    secret_name: pulumi.Input[str]
    """Its name."""
    optional: NotRequired[bool]
    """Whether the pod starts without it. Default: false."""


class ImageVolumeArgs(TypedDict):
    """The files of an image or OCI artifact, read-only; of Kubernetes 1.35 on."""

    reference: pulumi.Input[str]
    """Image reference."""
    pull_policy: NotRequired[PullPolicy]
    """When it is pulled. Default: IfNotPresent, of the tag latest Always."""


class VolumeArgs(TypedDict):
    """What a volume is: one of six things."""

    empty_dir: NotRequired[EmptyDirArgs]
    """An empty folder that goes with the pod."""
    claim: NotRequired[ClaimArgs]
    """A claim that the service makes."""
    persistent_volume_claim: NotRequired[PersistentVolumeClaimArgs]
    """A claim that exists."""
    config_map: NotRequired[ConfigMapVolumeArgs]
    """A ConfigMap that exists."""
    secret: NotRequired[SecretVolumeArgs]
    """A Secret that exists."""
    image: NotRequired[ImageVolumeArgs]
    """The files of an image."""
