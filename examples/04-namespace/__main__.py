"""The same names in two namespaces."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-namespace")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-namespace"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

other = k8s.core.v1.Namespace("other", metadata={"name": "tour-namespace-two"}, opts=there)
for key, where in {"one": space, "two": other}.items():
    name = where.metadata["name"]
    k8s.core.v1.Pod(
        f"kubia-{key}",
        metadata={"name": "kubia", "namespace": name},
        spec={"containers": [{"name": "kubia", "image": "kubia:v1"}]},
        opts=there,
    )
