"""DriftCheck: a CronJob that compares what is declared with what runs, and changes nothing."""

from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.errors import refuse
from kubia.manifests import drift_check as manifests
from kubia.manifests.meta import Meta
from kubia.manifests.task import name_problems
from kubia.mistakes import mistakes

from .common import ResourcesArgs, specified, versioned


class DriftCheckArgs(TypedDict):
    """What a DriftCheck should be."""

    namespace: pulumi.Input[str]
    """Namespace of the stack that is checked, in which the check runs too."""
    image: pulumi.Input[str]
    """Image with the project and kubia, as kubia/local/images/kubia-cli makes it."""
    stack: str
    """The stack that is checked."""
    context: str
    """What the job calls the cluster that it runs in: one of the stack's contexts."""
    labels: NotRequired[dict[str, str]]
    """Further labels of every object and pod; never part of a selector."""
    schedule: NotRequired[str]
    """When it runs, as cron writes it. Default: 17 3 * * *, each night."""
    strict: NotRequired[bool]
    """Whether containers that others added are drift. Default: true."""
    deadline_seconds: NotRequired[int]
    """Seconds after which a check that has not ended has failed. Default: 600."""
    secret: NotRequired[pulumi.Input[str]]
    """Name of a Secret whose keys become environment variables, such as PULUMI_CONFIG_PASSPHRASE.
    Default: none."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of the job's pod. Default: 50m CPU and 192Mi, at most 512Mi memory."""


class DriftCheck(pulumi.ComponentResource):
    """A drift check on a schedule: a Job fails at once while there is drift.

    Its account may write by dry runs alone, which a ValidatingAdmissionPolicy sees to.
    """

    name: pulumi.Output[str]
    """Name of the CronJob."""

    def __init__(
        self, name: str, args: DriftCheckArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the check.

        Raises:
            MistakeError: everything that is wrong with `args`.

        """
        meta, spec = specified("DriftCheck", name, args, manifests.DriftCheck, "drift-check")
        with mistakes(f"DriftCheck {name!r}: "):
            refuse(name_problems("name", name))
        super().__init__("kubia:index:DriftCheck", name, cast("dict[str, Any]", args), opts)
        self._rights(meta)
        config = manifests.kubeconfig(meta, spec)
        logical, options = versioned(self, f"{name}-kubeconfig", config["metadata"]["name"])
        content = k8s.core.v1.ConfigMap(
            logical,
            metadata=config["metadata"],
            immutable=config["immutable"],
            data=config["data"],
            opts=options,
        )
        manifest = manifests.cron_job(meta, spec, content.metadata.apply(lambda it: str(it.name)))
        job = k8s.batch.v1.CronJob(
            name,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = job.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({"name": self.name})

    def _rights(self, meta: Meta) -> None:
        """Declare the account and its rights; the policy first, so that it never lacks it."""
        space = pulumi.Output.from_input(meta.namespace)
        rights = manifests.rights(
            meta,
            space.apply(lambda namespace: manifests.cluster_name(meta.name, namespace)),
            space.apply(lambda namespace: manifests.account_condition(meta.name, namespace)),
        )
        child = pulumi.ResourceOptions(parent=self)
        k8s.core.v1.ServiceAccount(
            meta.name,
            metadata=rights.account["metadata"],
            automount_service_account_token=rights.account["automountServiceAccountToken"],
            opts=child,
        )
        admission, rbac = k8s.admissionregistration.v1, k8s.rbac.v1
        policy = admission.ValidatingAdmissionPolicy(
            meta.name,
            metadata=rights.policy["metadata"],
            spec=rights.policy["spec"],
            opts=child,
        )
        bound = admission.ValidatingAdmissionPolicyBinding(
            meta.name,
            metadata=rights.policy_binding["metadata"],
            spec=rights.policy_binding["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        guarded = pulumi.ResourceOptions(parent=self, depends_on=[bound])
        for declare, role in ((rbac.Role, rights.role), (rbac.ClusterRole, rights.cluster_role)):
            declare(meta.name, metadata=role["metadata"], rules=role["rules"], opts=guarded)
        for bind, binding in (
            (rbac.RoleBinding, rights.role_binding),
            (rbac.ClusterRoleBinding, rights.cluster_role_binding),
        ):
            bind(
                meta.name,
                metadata=binding["metadata"],
                role_ref=binding["roleRef"],
                subjects=binding["subjects"],
                opts=guarded,
            )
