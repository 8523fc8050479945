"""A few pods of the next version, beside those of this one."""

import os

import pulumi
import pulumi_kubernetes as k8s

from kubia.components import WebService

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-canary")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-canary"}, opts=there)

config = pulumi.Config()
strategy = {"type": "Canary", "canary_image": config.get("canaryImage")}
args = {
    "namespace": space.metadata["name"],
    "image": config.require("image"),
    "replicas": 3,
    "strategy": {key: value for key, value in strategy.items() if value},
}
WebService("kubia", args, there)
