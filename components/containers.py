"""Containers: what runs in them, and what it sees."""

from enum import Enum
from typing import NotRequired, TypedDict

import pulumi

from .common import ResourcesArgs
from .probes import ProbeArgs


class PullPolicy(str, Enum):
    """When an image is pulled."""

    IfNotPresent = "IfNotPresent"
    """When the node has it not."""
    Always = "Always"
    """Each time a pod starts."""
    Never = "Never"
    """Never: the node has it."""


class RestartPolicy(str, Enum):
    """What makes an init container a sidecar."""

    Always = "Always"
    """It goes on beside the others, and is restarted when it ends."""


class FieldRefArgs(TypedDict):
    """A field of the pod."""

    field_path: str
    """Its path, such as status.podIP or metadata.labels['rel']."""


class ResourceFieldRefArgs(TypedDict):
    """What the container asks for, or may use at most."""

    resource: str
    """Which, such as limits.memory or requests.cpu."""
    divisor: NotRequired[str]
    """The unit in which it is given, such as 1Mi. Default: bytes or whole CPUs."""


class KeyRefArgs(TypedDict):
    """A key of a ConfigMap or Secret that exists."""

    name: pulumi.Input[str]
    """Name of the object."""
    key: str
    """The key in it."""
    optional: NotRequired[bool]
    """Whether the pod starts without it. Default: false."""


class ValueFromArgs(TypedDict):
    """Where the value of an environment variable stands: one of four places."""

    field_ref: NotRequired[FieldRefArgs]
    """In a field of the pod."""
    resource_field_ref: NotRequired[ResourceFieldRefArgs]
    """In the container's requests or limits."""
    config_map_key_ref: NotRequired[KeyRefArgs]
    """In a ConfigMap that exists."""
    secret_key_ref: NotRequired[KeyRefArgs]
    """In a Secret that exists."""


class ObjectNameArgs(TypedDict):
    """A ConfigMap or Secret that exists."""

    name: pulumi.Input[str]
    """Its name."""
    optional: NotRequired[bool]
    """Whether the pod starts without it. Default: false."""


class EnvFromArgs(TypedDict):
    """A ConfigMap or Secret that exists, each of whose keys becomes an environment variable."""

    config_map_ref: NotRequired[ObjectNameArgs]
    """The ConfigMap."""
    secret_ref: NotRequired[ObjectNameArgs]
    """The Secret."""
    prefix: NotRequired[str]
    """What the variables' names begin with, before the key. Default: nothing."""


class VolumeMountArgs(TypedDict):
    """Where a container sees a volume."""

    name: str
    """Name of the volume, one of pod.volumes."""
    mount_path: str
    """Folder, or with subPath a file, at which it is mounted."""
    read_only: NotRequired[bool]
    """Whether this container may only read it. Default: false."""
    sub_path: NotRequired[str]
    """Folder or file within the volume. Default: the whole volume."""


class SecurityContextArgs(TypedDict):
    """What a container may do, where that differs from its pod."""

    read_only_root_filesystem: NotRequired[bool]
    """Whether it can write nowhere but in volumes, of which /tmp is one. Default: true."""
    run_as_user: NotRequired[int]
    """User ID of its processes. Default: the pod's."""
    run_as_group: NotRequired[int]
    """Group ID of its processes. Default: the pod's."""


class ContainerArgs(TypedDict):
    """A container beside the web server, or before it."""

    name: str
    """Its name within the pod."""
    image: pulumi.Input[str]
    """Image reference."""
    command: NotRequired[list[str]]
    """Program in place of the image's entrypoint; no shell. $(NAME) is a variable's value."""
    args: NotRequired[list[str]]
    """Its arguments, in place of the image's. $(NAME) is a variable's value."""
    working_dir: NotRequired[str]
    """Folder it starts in. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables; their values arrive as they are written, $ too. Default: none."""
    env_value_from: NotRequired[dict[str, ValueFromArgs]]
    """Environment variables whose values stand elsewhere. Default: none."""
    env_from: NotRequired[list[EnvFromArgs]]
    """ConfigMaps and Secrets that exist, all of whose keys become variables. Default: none."""
    files: NotRequired[dict[str, str]]
    """Text files by path, read-only, from an immutable ConfigMap. Default: none."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Text files by path, read-only, from an immutable Secret. Default: none."""
    volume_mounts: NotRequired[list[VolumeMountArgs]]
    """Where it sees the pod's volumes. Default: the volume tmp at /tmp alone."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits."""
    port: NotRequired[int]
    """Port that it listens on, at which probes ask that name none. Default: none."""
    startup: NotRequired[ProbeArgs]
    """When it has started; the other probes wait for that. Default: none."""
    readiness: NotRequired[ProbeArgs]
    """When it counts as ready: a pod gets requests when all its containers are. Default: none."""
    liveness: NotRequired[ProbeArgs]
    """When it is restarted. Default: none."""
    image_pull_policy: NotRequired[PullPolicy]
    """When its image is pulled. Default: IfNotPresent."""
    restart_policy: NotRequired[RestartPolicy]
    """Always makes an init container a sidecar: it starts before the others, in its turn, goes on
    beside them, and stops after them. Default: it runs to its end."""
    pre_stop_seconds: NotRequired[int]
    """Seconds that it goes on when its pod is to stop. Default: 0."""
    security_context: NotRequired[SecurityContextArgs]
    """What it may do."""
