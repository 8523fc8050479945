"""CronJob: a task that runs again and again."""

from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.errors import refuse
from kubia.manifests import cron_job as manifests
from kubia.manifests import standing
from kubia.manifests.task import name_problems
from kubia.mistakes import mistakes

from .backing import Backing, hidden
from .common import ResourcesArgs, specified
from .containers import (
    EnvFromArgs,
    PullPolicy,
    SecurityContextArgs,
    ValueFromArgs,
    VolumeMountArgs,
)
from .hooks import refusing
from .pods import PodArgs, PodSecurityLevel
from .tasks import ConcurrencyPolicy, TaskRestartPolicy


class CronJobArgs(TypedDict):
    """What a CronJob should be."""

    namespace: pulumi.Input[str]
    """Namespace of all its objects."""
    image: pulumi.Input[str]
    """Image reference."""
    schedule: str
    """When it runs, as cron writes it: 17 3 * * *, or @daily."""
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
    """Seconds from its start after which it has failed, whatever it does then. Default: none."""
    parallelism: NotRequired[int]
    """Pods that may run at the same time. Default: 1."""
    completions: NotRequired[int]
    """Pods that must succeed. Default: 1, or with parallelism as many as there are to do: when one
    has succeeded, no other is started."""
    time_zone: NotRequired[str]
    """Time zone of the schedule, such as Europe/Berlin. Default: the cluster's, mostly UTC."""
    concurrency_policy: NotRequired[ConcurrencyPolicy]
    """What happens when it is time and the last run goes on. Default: Forbid, none is started."""
    starting_deadline_seconds: NotRequired[int]
    """Seconds that a run may start late, after which it is left out. Default: any number."""
    suspend: NotRequired[bool]
    """Whether no run is started; one that goes on does so. Default: false."""
    successful_jobs_history_limit: NotRequired[int]
    """Runs that stay when they have succeeded, with their logs. Default: 3."""
    failed_jobs_history_limit: NotRequired[int]
    """Runs that stay when they have failed, with their logs. Default: 1."""
    pod: NotRequired[PodArgs]
    """What the pods are beside the main container: other containers, volumes, where they run."""
    pod_security: NotRequired[PodSecurityLevel]
    """Level of Pod Security that the pods must pass; the namespace must allow a lower one.
    Default: restricted."""
    raw: NotRequired[dict[str, dict[str, Any]]]
    """Fields of Kubernetes' own, merged into the objects of a kind as kubectl patch does:
    cronJob, serviceAccount, persistentVolumeClaim (each one), and of configMap and secret (each
    one) the metadata. Default: none."""


class CronJob(pulumi.ComponentResource):
    """A task that runs again and again: a CronJob. Nobody waits for its runs."""

    name: pulumi.Output[str]
    """Name of the CronJob."""

    def __init__(
        self, name: str, args: CronJobArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the task.

        Raises:
            MistakeError: everything that is wrong with `args`.

        """
        meta, spec = specified("CronJob", name, args, manifests.CronJob, "cron-job")
        with mistakes(f"CronJob {name!r}: "):
            refuse(name_problems("name", name))
        # Secret from here on, in the component's own inputs too: Pulumi keeps them in its state.
        super().__init__("kubia:index:CronJob", name, cast("dict[str, Any]", hidden(args)), opts)
        backing = Backing(self, meta, spec)
        manifest = manifests.cron_job(meta, spec, backing.content)
        cron_job = k8s.batch.v1.CronJob(
            name,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=False,
                depends_on=backing.needed,
                hooks=refusing("CronJob", name, standing.of_cron_job),
            ),
        )
        self.name = cron_job.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({"name": self.name})
