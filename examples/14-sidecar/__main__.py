"""A second container that brings what the first one serves."""

import os

import pulumi
import pulumi_kubernetes as k8s

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-sidecar")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-sidecar"}, opts=there)
inside = pulumi.ResourceOptions(provider=cluster, depends_on=[space])

SHARED = {"name": "content", "mountPath": "/content"}
DOWNLOAD = 'while true; do echo "it is $(date -u)" > /content/index.html; sleep 5; done'
SERVE = "exec python3 -m http.server --directory /content 8080"
k8s.core.v1.Pod(
    "web",
    metadata={"name": "web"},
    spec={
        "volumes": [{"name": "content", "emptyDir": {}}],
        "containers": [
            {
                "name": name,
                "image": "kubia:v1",
                "command": ["/bin/sh", "-c", script],
                "volumeMounts": [SHARED],
            }
            for name, script in {"web": SERVE, "download": DOWNLOAD}.items()
        ],
    },
    opts=inside,
)
