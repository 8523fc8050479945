"""A pod on each node with an SSD."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-daemon-set")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-daemon-set"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

k8s.apps.v1.DaemonSet(
    "ssd-monitor",
    metadata={"name": "ssd-monitor"},
    spec={
        "selector": {"matchLabels": {"app": "ssd-monitor"}},
        "template": {
            "metadata": {"labels": {"app": "ssd-monitor"}},
            "spec": {
                "nodeSelector": {"disk": "ssd"},
                "containers": [{"name": "main", "image": "ssd-monitor:v1"}],
            },
        },
    },
    opts=inside,
)
