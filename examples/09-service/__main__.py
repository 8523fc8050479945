"""One address for many pods."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-service")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-service"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

k8s.apps.v1.ReplicaSet(
    "kubia",
    metadata={"name": "kubia"},
    spec={
        "replicas": 3,
        "selector": {"matchLabels": {"app": "kubia"}},
        "template": {
            "metadata": {"labels": {"app": "kubia"}},
            "spec": {"containers": [{"name": "kubia", "image": "kubia:v1"}]},
        },
    },
    opts=inside,
)
k8s.core.v1.Service(
    "kubia",
    metadata={"name": "kubia"},
    spec={"selector": {"app": "kubia"}, "ports": [{"port": 80, "targetPort": 8080}]},
    opts=inside,
)
