"""Back to what an earlier release declared."""

import os

import pulumi
import pulumi_kubernetes as k8s

from kubia.components import WebService

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-rollback")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-rollback"}, opts=there)

args = {
    "namespace": space.metadata["name"],
    "image": pulumi.Config().require("image"),
    "replicas": 2,
}
WebService("kubia", args, there)
