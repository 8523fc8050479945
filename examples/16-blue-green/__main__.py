"""Two colours, of which one serves."""

import os

import pulumi
import pulumi_kubernetes as k8s

from kubia.components import WebService

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-blue-green")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-blue-green"}, opts=there)

config = pulumi.Config()
strategy = {
    "type": "BlueGreen",
    "active": config.require("active"),
    "idle_image": config.get("idleImage"),
}
args = {
    "namespace": space.metadata["name"],
    "image": config.require("image"),
    "replicas": 2,
    "strategy": {key: value for key, value in strategy.items() if value},
}
WebService("kubia", args, there)
