"""Annotations that are changed and removed, by declaring."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-declarative")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-declarative"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

annotations = pulumi.Config().require_object("annotations")
k8s.apps.v1.Deployment(
    "nginx-declarative",
    metadata={"name": "nginx-declarative", "annotations": annotations},
    spec={
        "replicas": 3,
        "selector": {"matchLabels": {"app": "nginx"}},
        "template": {
            "metadata": {"labels": {"app": "nginx"}},
            "spec": {"containers": [{"name": "nginx", "image": "kubia:v1"}]},
        },
    },
    opts=inside,
)
