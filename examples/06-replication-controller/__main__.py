"""A ReplicationController, scaled to ten and back."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider(
    "cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-replication-controller"
)
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-replication-controller"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

k8s.core.v1.ReplicationController(
    "kubia",
    metadata={"name": "kubia"},
    spec={
        "replicas": pulumi.Config().require_int("replicas"),
        "selector": {"app": "kubia"},
        "template": {
            "metadata": {"labels": {"app": "kubia"}},
            "spec": {"containers": [{"name": "kubia", "image": "kubia:v1"}]},
        },
    },
    opts=inside,
)
