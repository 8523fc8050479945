"""A pod that wants a node with a GPU."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider(
    "cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-node-selector"
)
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-node-selector"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

k8s.core.v1.Pod(
    "gpu",
    metadata={"name": "gpu"},
    spec={
        "nodeSelector": {"gpu": "true"},
        "containers": [{"name": "main", "image": "kubia:v1"}],
    },
    opts=inside,
)
