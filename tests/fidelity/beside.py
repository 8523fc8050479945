"""A program of one's own: other resources beside a component, in its namespace."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components import WebService

NAMESPACE = "shop"
TEAM: Any = {"labels": {"team": "shop"}, "annotations": {"example.org/team": "shop"}}


def declare() -> None:
    """Declare a web service, and what it has no fields for."""
    cluster = pulumi.ResourceOptions(provider=k8s.Provider("cluster", context="test"))
    shop = WebService("shop", {"namespace": NAMESPACE, "image": "shop:v1"}, cluster)
    _rights(cluster)
    _kept(cluster)
    _reached(shop, cluster)
    _run(cluster)
    _others(cluster)


def _named(name: str, **more: Any) -> Any:
    return {"name": name, "namespace": NAMESPACE, **more}


def _rights(cluster: pulumi.ResourceOptions) -> None:
    """Declare an account, what it may do, and that it may."""
    account = k8s.core.v1.ServiceAccount("reader", metadata=_named("reader"), opts=cluster)
    rule: Any = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
    role = k8s.rbac.v1.Role("reader", metadata=_named("reader", **TEAM), rules=[rule], opts=cluster)
    group = {"apiGroup": "rbac.authorization.k8s.io"}
    reference: Any = {**group, "kind": "Role", "name": role.metadata["name"]}
    subject: Any = {"kind": "ServiceAccount", "name": account.metadata["name"]}
    k8s.rbac.v1.RoleBinding(
        "reader",
        metadata=_named("reader", **TEAM),
        role_ref=reference,
        subjects=[subject],
        opts=cluster,
    )


def _kept(cluster: pulumi.ResourceOptions) -> None:
    """Declare what holds data: under names of one's own, and a claim for each pod."""
    k8s.core.v1.ConfigMap("settings", metadata=_named("settings"), data={"a": "b"}, opts=cluster)
    k8s.core.v1.Secret("database", metadata=_named("database"), opts=cluster)
    size: Any = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    k8s.core.v1.PersistentVolumeClaim(
        "archive", metadata=_named("archive"), spec=size, opts=cluster
    )
    labels = {"app": "database"}
    pod = {"containers": [{"name": "postgres", "image": "postgres:18"}]}
    spec: Any = {
        "serviceName": "database",
        "revisionHistoryLimit": 8,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
        "volumeClaimTemplates": [{"metadata": {"name": "storage"}, "spec": size}],
    }
    k8s.apps.v1.StatefulSet(
        "database", metadata=_named("database", **TEAM), spec=spec, opts=cluster
    )


def _reached(shop: WebService, cluster: pulumi.ResourceOptions) -> None:
    """Declare what leads to the web service, or elsewhere, and who may be reached."""
    front: Any = {"defaultBackend": {"service": {"name": shop.name, "port": {"name": "http"}}}}
    k8s.networking.v1.Ingress("front", metadata=_named("front"), spec=front, opts=cluster)
    back: Any = {"podSelector": {"matchLabels": {"tier": "back"}}, "policyTypes": ["Ingress"]}
    k8s.networking.v1.NetworkPolicy("back", metadata=_named("back"), spec=back, opts=cluster)
    elsewhere: Any = {"type": "ExternalName", "externalName": "my.database.example.com"}
    k8s.core.v1.Service("elsewhere", metadata=_named("elsewhere"), spec=elsewhere, opts=cluster)
    selecting: Any = {"selector": {"tier": "front"}, "ports": [{"port": 80}]}
    k8s.core.v1.Service("all-fronts", metadata=_named("all-fronts"), spec=selecting, opts=cluster)
    _custom("gateway.networking.k8s.io/v1", "GRPCRoute", "shop-grpc", {
        "parentRefs": [{"name": "gateway"}],
        "rules": [{"backendRefs": [{"name": shop.name, "port": 80}]}],
    }, cluster)  # fmt: skip


def _run(cluster: pulumi.ResourceOptions) -> None:
    """Declare a task that somebody starts by hand, and that nobody looks at afterwards."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "import", "image": "shop:v1"}]}
    spec: Any = {"suspend": True, "ttlSecondsAfterFinished": 3600, "template": {"spec": pod}}
    k8s.batch.v1.Job("import", metadata=_named("import"), spec=spec, opts=cluster)


def _others(cluster: pulumi.ResourceOptions) -> None:
    """Declare objects of kinds that a cluster has to be taught."""
    _custom("monitoring.coreos.com/v1", "ServiceMonitor", "everything", {
        "selector": {"matchExpressions": [{"key": "k8s-app", "operator": "Exists"}]},
        "endpoints": [{"port": "http"}],
    }, cluster)  # fmt: skip
    certificate = {"secretName": "shop-tls", "dnsNames": ["shop.example.org"]}
    _custom("cert-manager.io/v1", "Certificate", "shop-tls", certificate, cluster)


def _custom(
    api_version: str, kind: str, name: str, spec: dict[str, Any], cluster: pulumi.ResourceOptions
) -> None:
    k8s.apiextensions.CustomResource(
        name,
        api_version=api_version,
        kind=kind,
        metadata=_named(name, **TEAM),
        spec=spec,
        opts=cluster,
    )
