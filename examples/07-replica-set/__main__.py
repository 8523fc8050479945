"""A ReplicaSet that adopts pods which are nobody's."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-replica-set")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-replica-set"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

for name in ("red", "blue"):
    k8s.core.v1.Pod(
        name,
        metadata={"name": name, "labels": {"app": "kubia"}},
        spec={"containers": [{"name": "kubia", "image": "kubia:v1"}]},
        opts=inside,
    )

if pulumi.Config().require_bool("adopt"):
    k8s.apps.v1.ReplicaSet(
        "kubia",
        metadata={"name": "kubia"},
        spec={
            "replicas": 3,
            "selector": {
                "matchExpressions": [{"key": "app", "operator": "In", "values": ["kubia", "web"]}]
            },
            "template": {
                "metadata": {"labels": {"app": "kubia"}},
                "spec": {"containers": [{"name": "kubia", "image": "kubia:v1"}]},
            },
        },
        opts=inside,
    )
