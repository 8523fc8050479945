"""A bad version that is held back by its readiness."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-readiness")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-readiness"}, opts=there)
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
        "minReadySeconds": 10,
        "progressDeadlineSeconds": 30,
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": {"app": "kubia"}},
            "spec": {
                "containers": [
                    {
                        "name": "nodejs",
                        "image": image,
                        "ports": [{"containerPort": 8080}],
                        "readinessProbe": {
                            "httpGet": {"path": "/", "port": 8080},
                            "periodSeconds": 1,
                        },
                    }
                ]
            },
        },
    },
    opts=inside,
)
