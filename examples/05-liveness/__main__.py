"""A pod that is restarted once it is no longer well."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-liveness")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-liveness"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

k8s.core.v1.Pod(
    "kubia-liveness",
    metadata={"name": "kubia-liveness"},
    spec={
        "containers": [
            {
                "name": "kubia",
                "image": "kubia:v1",
                "env": [{"name": "VERSION", "value": "unhealthy"}],
                "livenessProbe": {
                    "httpGet": {"path": "/", "port": 8080},
                    "initialDelaySeconds": 5,
                    "periodSeconds": 1,
                },
            }
        ]
    },
    opts=inside,
)
