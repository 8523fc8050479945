"""NginxOperator: the operator that keeps a site for every labelled ConfigMap, in the cluster."""

from enum import Enum
from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import nginx_operator as manifests
from kubia.manifests.meta import Meta
from kubia.manifests.web_service import DisruptionBudget, disruption_budget

from .common import ResourcesArgs, specified


class LogLevel(str, Enum):
    """What is logged at least."""

    Debug = "debug"
    """Everything."""
    Info = "info"
    """What was done, and what follows."""
    Warning = "warning"
    """What keeps a site from being as it should be, and what follows."""
    Error = "error"
    """What failed."""


class NginxOperatorArgs(TypedDict):
    """What an NginxOperator should be."""

    namespace: pulumi.Input[str]
    """Namespace of its pods and their Lease."""
    labels: NotRequired[dict[str, str]]
    """Further labels of every object and pod; never part of a selector."""
    image: NotRequired[pulumi.Input[str]]
    """Image of the operator. Default: kubia-nginx-operator:0.1."""
    replicas: NotRequired[int]
    """Number of pods; one leads, the others can take over at once. Default: 2."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of each of its pods. Default: 25m CPU, 64Mi memory, at most 192Mi."""
    namespaces: NotRequired[list[str]]
    """Namespaces whose ConfigMaps it serves, all of which must exist. Default: its own."""
    cluster_wide: NotRequired[bool]
    """Whether it serves every namespace, by a ClusterRole. Default: false."""
    selector: NotRequired[str]
    """Label and value of the ConfigMaps that are sites. Default: kubia.io/site=true."""
    site_image: NotRequired[pulumi.Input[str]]
    """Image of an unprivileged nginx on port 8080. Default: kubia-nginx:1.31."""
    site_replicas: NotRequired[int]
    """Number of pods of each site. Default: 1."""
    site_resources: NotRequired[ResourcesArgs]
    """Requests and limits of each pod of a site."""
    sites_per_namespace: NotRequired[int]
    """Sites that a namespace may have, the oldest first. Default: 0, any number."""
    api_server_ports: NotRequired[list[int]]
    """Ports of the API server's endpoints, for the NetworkPolicy. Default: 443 and 6443."""
    log_level: NotRequired[LogLevel]
    """What it logs at least. Default: info."""


class NginxOperator(pulumi.ComponentResource):
    """The NGINX operator: a Deployment and a Service for every labelled ConfigMap.

    It may keep sites in its own namespace only, unless told otherwise; it reads no secrets.
    """

    name: pulumi.Output[str]
    """Name of its Deployment."""

    def __init__(
        self, name: str, args: NginxOperatorArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the operator.

        Raises:
            MistakeError: everything that is wrong with `args`.

        """
        kind = "NginxOperator"
        meta, spec = specified(kind, name, args, manifests.NginxOperator, "operator")
        super().__init__(f"kubia:index:{kind}", name, cast("dict[str, Any]", args), opts)
        self._child = pulumi.ResourceOptions(parent=self)
        account = manifests.service_account(meta)
        needed: list[pulumi.Resource] = [
            k8s.core.v1.ServiceAccount(
                name,
                metadata=account["metadata"],
                automount_service_account_token=account["automountServiceAccountToken"],
                opts=self._child,
            ),
            *self._permit(manifests.lease_role(name), manifests.lease_permission(meta)),
            *self._permit_sites(meta, spec),
        ]
        for declare, manifest in (
            (k8s.networking.v1.NetworkPolicy, manifests.network_policy(meta, spec)),
            (k8s.policy.v1.PodDisruptionBudget, disruption_budget(meta, DisruptionBudget())),
        ):
            declare(name, metadata=manifest["metadata"], spec=manifest["spec"], opts=self._child)
        manifest = manifests.deployment(meta, spec)
        deployment = k8s.apps.v1.Deployment(
            name,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            # Its pods are ready once they have read what they may.
            opts=pulumi.ResourceOptions(parent=self, depends_on=needed),
        )
        self.name = deployment.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({"name": self.name})

    def _permit_sites(self, meta: Meta, spec: manifests.NginxOperator) -> list[pulumi.Resource]:
        full = pulumi.Output.from_input(meta.namespace).apply(
            lambda namespace: manifests.full_name(meta.name, namespace)
        )
        if spec.cluster_wide:
            return self._permit(meta.name, manifests.cluster_permission(meta, full))
        if not spec.namespaces:
            return self._permit(meta.name, manifests.site_permission(meta))
        return [
            resource
            for kept in spec.namespaces
            for resource in self._permit(
                manifests.role_in(meta.name, kept), manifests.permission_in(meta, kept, full)
            )
        ]

    def _permit(self, name: str, permission: manifests.Permission) -> list[pulumi.Resource]:
        role, binding = permission.role, permission.binding
        rbac = k8s.rbac.v1
        cluster = role["kind"] == "ClusterRole"
        new_role: Any = rbac.ClusterRole if cluster else rbac.Role
        new_binding: Any = rbac.ClusterRoleBinding if cluster else rbac.RoleBinding
        return [
            new_role(name, metadata=role["metadata"], rules=role["rules"], opts=self._child),
            new_binding(
                name,
                metadata=binding["metadata"],
                role_ref=binding["roleRef"],
                subjects=binding["subjects"],
                opts=self._child,
            ),
        ]
