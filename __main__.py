"""What a stack is made of: settings → components → exports."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components import CronJob, Job, NginxOperator, NginxSite, NodeAgent, WebService
from kubia import context
from kubia.manifests import meta
from stacks import settings

stack = pulumi.get_stack()
environment = settings.load()
labels = {"env": stack}

connect = functools.partial(
    k8s.Provider,
    context=context.allowed(context.current(), environment.contexts, stack),
    # A stack is one cluster, whatever a colleague calls its context: a new name replaces nothing.
    cluster_identifier=stack,
)
# An interrupted run may have made objects that the state does not know: the next takes them up,
# where nobody else keeps any.
cluster = connect("cluster", upsert_existing_objects=environment.create_namespace or None)
into = pulumi.ResourceOptions(provider=cluster)
serving = functools.partial(pulumi.ResourceOptions, provider=cluster, protect=environment.protect)

# No upsert: a namespace that exists is somebody else's, and would be deleted with all in it. One
# that the stack does not make is read: what had made it lets go of it, and deletes nothing.
outside = connect("cluster-namespace")
if environment.create_namespace:
    namespace = k8s.core.v1.Namespace(
        "namespace",
        metadata=meta.namespace(environment.namespace, labels)["metadata"],
        opts=pulumi.ResourceOptions(provider=outside, protect=environment.protect),
    )
else:
    namespace = k8s.core.v1.Namespace.get(
        "namespace", environment.namespace, pulumi.ResourceOptions(provider=outside)
    )
common = {"namespace": namespace.metadata["name"], "labels": labels}


def declared(component: Callable[..., Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Declare a component for each part of the stack."""
    return {
        name: component(name, settings.arguments(part, **common), into)
        for name, part in parts.items()
    }


jobs = declared(Job, environment.with_secrets(environment.jobs))
declared(CronJob, environment.with_secrets(environment.cron_jobs))
services = [
    WebService(name, settings.arguments(service, **common), serving(depends_on=needed))
    for name, service, needed in environment.services_after(jobs)
]
sites = declared(NginxSite, environment.sites).values()
agents = declared(NodeAgent, environment.agents).values()
operators = declared(NginxOperator, environment.operators).values()

pulumi.export("services", [*(it.name for it in services), *(it.name for it in sites)])
pulumi.export("urls", [*(it.url for it in services), *(it.url for it in sites)])
pulumi.export("nodePortUrls", settings.node_port_urls(environment))
pulumi.export("sites", [site.name for site in sites])
pulumi.export("agents", [agent.name for agent in agents])
pulumi.export("operators", [operator.name for operator in operators])
