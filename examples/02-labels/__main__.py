"""Labels, and the selectors that find pods by them."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-labels")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-labels"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

PODS = {
    "kubia-stable": {"app": "kubia", "rel": "stable", "env": "prod"},
    "kubia-beta": {"app": "kubia", "rel": "beta", "env": "prod"},
    "kubia-canary": {"app": "kubia", "rel": "canary", "env": "debug"},
    "by-hand": {"app": "kubia", "creation_method": "manual"},
}
for name, labels in PODS.items():
    k8s.core.v1.Pod(
        name,
        metadata={"name": name, "labels": labels},
        spec={"containers": [{"name": "kubia", "image": "kubia:v1"}]},
        opts=inside,
    )
