"""${DESCRIPTION}: what a stack is made of. Its settings are stacks/Pulumi.STACK.yaml."""

import pulumi
import pulumi_kubernetes as k8s

from kubia import context
from kubia.components import NginxSite, WebService

config = pulumi.Config()
stack = pulumi.get_stack()

cluster = k8s.Provider(
    "cluster",
    # No cluster is touched but those that the stack's file allows, wherever kubectl points.
    context=context.allowed(context.current(), config.require_object("contexts"), stack),
    cluster_identifier=stack,
)
into = pulumi.ResourceOptions(provider=cluster)
name = f"{pulumi.get_project()}-{stack}"
namespace = k8s.core.v1.Namespace("namespace", metadata={"name": name}, opts=into)
common = {"namespace": namespace.metadata["name"], "labels": {"env": stack}}

services = [
    WebService(
        service, {**common, "image": given["image"], "replicas": given.get("replicas", 1)}, into
    )
    for service, given in config.require_object("services").items()
]
site = NginxSite("docs", {**common, "directory": "site"}, into)

pulumi.export("urls", [*(service.url for service in services), site.url])
