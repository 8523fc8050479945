"""Job: a task that runs once, such as a migration."""

from collections.abc import Mapping
from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.errors import refuse
from kubia.manifests import job as manifests
from kubia.manifests.task import name_problems
from kubia.manifests.values import Leaf
from kubia.mistakes import mistakes

from .backing import Backing, hidden
from .common import ResourcesArgs, is_plain, specified
from .containers import (
    EnvFromArgs,
    PullPolicy,
    SecurityContextArgs,
    ValueFromArgs,
    VolumeMountArgs,
)
from .pods import PodArgs, PodSecurityLevel
from .tasks import TaskRestartPolicy


class JobArgs(TypedDict):
    """What a Job should be."""

    namespace: pulumi.Input[str]
    """Namespace of all its objects."""
    image: pulumi.Input[str]
    """Image reference."""
    labels: NotRequired[dict[str, str]]
    """Further labels of every object and pod."""
    command: NotRequired[list[str]]
    """Program in place of the image's entrypoint; no shell. $(NAME) is a variable's value."""
    args: NotRequired[list[str]]
    """Its arguments, in place of the image's. $(NAME) is a variable's value."""
    container_name: NotRequired[str]
    """Name of the main container, among those of its pods. Default: main."""
    working_dir: NotRequired[str]
    """Folder it starts in. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables; their values arrive as they are written, $ too. Default: none."""
    env_value_from: NotRequired[dict[str, ValueFromArgs]]
    """Environment variables whose values stand elsewhere: in fields of the pod, or in keys of
    ConfigMaps and Secrets that exist. Default: none."""
    env_from: NotRequired[list[EnvFromArgs]]
    """ConfigMaps and Secrets that exist, all of whose keys become variables. Default: none."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables kept in a Secret, and secret in Pulumi's state. Default: none.
    Of values that are Outputs a preview shows the Secret once it knows them."""
    files: NotRequired[dict[str, str]]
    """Text files by path, read-only, from an immutable ConfigMap. Default: none."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Text files by path, read-only, from an immutable Secret, and secret in Pulumi's state.
    Default: none."""
    volume_mounts: NotRequired[list[VolumeMountArgs]]
    """Where its main container sees the pod's volumes. Default: the volume tmp at /tmp alone."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of each pod's main container."""
    image_pull_policy: NotRequired[PullPolicy]
    """When the image is pulled. Default: IfNotPresent."""
    security_context: NotRequired[SecurityContextArgs]
    """What its main container may do."""
    restart_policy: NotRequired[TaskRestartPolicy]
    """What follows when a container fails. Default: Never, another pod."""
    termination_grace_period_seconds: NotRequired[int]
    """Seconds that its pods get to stop when they are told to. Default: 30."""
    backoff_limit: NotRequired[int]
    """How often it is tried again, after 10 s, 20 s, 40 s and so on, before it has failed.
    Default: 2."""
    active_deadline_seconds: NotRequired[int]
    """Seconds from its start after which it has failed, whatever it does then. Default: 600."""
    parallelism: NotRequired[int]
    """Pods that may run at the same time. Default: 1."""
    completions: NotRequired[int]
    """Pods that must succeed. Default: 1, or with parallelism as many as there are to do: when one
    has succeeded, no other is started."""
    pod: NotRequired[PodArgs]
    """What the pods are beside the main container: other containers, volumes, where they run."""
    pod_security: NotRequired[PodSecurityLevel]
    """Level of Pod Security that the pods must pass; the namespace must allow a lower one.
    Default: restricted."""
    raw: NotRequired[dict[str, dict[str, Any]]]
    """Fields of Kubernetes' own, merged into the objects of a kind as kubectl patch does:
    job, serviceAccount, persistentVolumeClaim (each one), and of configMap and secret (each one)
    the metadata. Default: none."""


class Job(pulumi.ComponentResource):
    """A task that runs once: a Job, which an update waits for and fails with.

    A Job cannot change, so each version of it is another one, named by what is in it: whatever is
    changed runs anew, and the old Job is deleted last. What depends on it comes after it.
    """

    name: pulumi.Output[str]
    """Name of the Job: the component's, and the hash of what it is."""

    def __init__(
        self, name: str, args: JobArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the task.

        Raises:
            MistakeError: everything that is wrong with `args`.

        """
        meta, spec = specified("Job", name, args, manifests.Job, "job")
        with mistakes(f"Job {name!r}: "):
            refuse(name_problems("name", name))
        # Secret from here on, in the component's own inputs too: Pulumi keeps them in its state.
        super().__init__("kubia:index:Job", name, cast("dict[str, Any]", hidden(args)), opts)
        backing = Backing(self, meta, spec)
        logical, object_name = _names(name, manifests.version(meta, spec))
        manifest = manifests.job(meta, spec, object_name, backing.content)
        job = k8s.batch.v1.Job(
            logical,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=False,
                depends_on=backing.needed,
                retain_on_delete=logical == name,
            ),
        )
        self.name = job.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({"name": self.name})


def _names(name: str, version: Mapping[str, Any]) -> tuple[str, Leaf]:
    """Return the logical name of a version of a Job, and its own.

    With values that other resources make, its own is known too late for a logical one: all versions
    share the component's. Pulumi deletes none of them then, for under one logical name an update
    that goes back after one that failed makes the very Job that waits to be deleted.
    """
    if is_plain(version):
        known = manifests.job_name(name, version)
        return known, known
    hashed = pulumi.Output.all(version).apply(
        lambda every: manifests.job_name(name, every[0], computed=True)
    )
    return name, pulumi.Output.unsecret(hashed)
