"""An operator that keeps a site for each ConfigMap."""

import os

import pulumi
import pulumi_kubernetes as k8s

from kubia.components import NginxOperator

cluster = k8s.Provider("cluster", context=os.environ["KUBIA_CONTEXT"], namespace="tour-operator")
there = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "tour-operator"}, opts=there)

args = {"namespace": space.metadata["name"], "replicas": 1}
NginxOperator("keeper", args, there)
