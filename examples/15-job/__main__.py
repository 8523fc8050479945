"""Tasks that run once, and each minute."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-job")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-job"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

TASK = {
    "restartPolicy": "Never",
    "containers": [{"name": "task", "image": "kubia:v1", "command": ["echo", "done"]}],
}
k8s.batch.v1.Job("once", metadata={"name": "once"}, spec={"template": {"spec": TASK}}, opts=inside)
k8s.batch.v1.CronJob(
    "each-minute",
    metadata={"name": "each-minute"},
    spec={
        "schedule": "* * * * *",
        "concurrencyPolicy": "Forbid",
        "jobTemplate": {"spec": {"template": {"spec": TASK}}},
    },
    opts=inside,
)
