"""A site from a ConfigMap."""

import os

import pulumi
import pulumi_kubernetes as k8s

from kubia.components import NginxSite

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-site")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-site"}, opts=there)

args = {
    "namespace": space.metadata["name"],
    "content": {"index.html": pulumi.Config().require("text")},
}
NginxSite("hello", args, there)
