"""A pod: the smallest thing that runs."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-pod")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-pod"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

k8s.core.v1.Pod(
    "kubia",
    metadata={"name": "kubia"},
    spec={
        "containers": [
            {"name": "kubia", "image": "kubia:v1", "ports": [{"containerPort": 8080}]},
        ]
    },
    opts=inside,
)
