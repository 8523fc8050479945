"""All old pods go before the first new one comes."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-recreate")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-recreate"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

image = pulumi.Config().require("image")
k8s.apps.v1.Deployment(
    "kubia",
    metadata={
        "name": "kubia",
        "annotations": {"kubernetes.io/change-cause": f"image {image}"},
    },
    spec={
        "replicas": 3,
        "selector": {"matchLabels": {"app": "kubia"}},
        "strategy": {"type": "Recreate"},
        "template": {
            "metadata": {"labels": {"app": "kubia"}},
            "spec": {
                "containers": [
                    {
                        "name": "nodejs",
                        "image": image,
                        "ports": [{"containerPort": 8080}],
                    }
                ]
            },
        },
    },
    opts=inside,
)
