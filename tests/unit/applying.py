"""Brings programs up as the kubectl engine does, on an API server in memory."""

from collections.abc import Callable, Iterable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components import WebService
from kubia.apply import applyset, execute, plan
from kubia.apply.api import Api
from kubia.apply.model import DesiredState, Plan
from kubia.apply.wait import Timing
from kubia.console import Progress
from kubia.program import objects, run
from tests.unit.apiserver import Server

SPACE = "/api/v1/namespaces/shop"
MAPS = f"{SPACE}/configmaps"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
AT_ONCE = Timing(settling=0.0)
"""The server in memory reports a failure only once it is one."""

Main = Callable[[], None]


def shop(
    *, image: str = "a", replicas: int = 1, maps: Iterable[str] = "xy", protect: bool = False
) -> Main:
    """Return a program: a namespace, a Deployment and some ConfigMaps."""

    def main() -> None:
        opts = pulumi.ResourceOptions(protect=protect)
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"}, opts=opts)
        for name in maps:
            own: Any = {"name": name, "namespace": "shop"}
            k8s.core.v1.ConfigMap(name, metadata=own, data={"a": "b"})
        spec: Any = {"image": image, "replicas": replicas, "selector": {}}
        metadata: Any = {"name": "web", "namespace": "shop"}
        k8s.apps.v1.Deployment("web", metadata=metadata, spec=spec)

    return main


def web(**args: Any) -> Main:
    """Return a program: a namespace and a web service `kubia` in it."""

    def main() -> None:
        opts = pulumi.ResourceOptions(provider=k8s.Provider("cluster", context="fake"))
        k8s.core.v1.Namespace("shop", metadata={"name": "shop"}, opts=opts)
        given: Any = {"namespace": "shop", "image": "kubia:v1", **args}
        WebService("kubia", given, opts)

    return main


def desired(main: Main, namespace: str = "shop") -> DesiredState:
    """Return what the program declares."""
    parent = applyset.parent("kubia", "dev", namespace)
    declared = objects.of_program(run.run(main, "kubia", "dev"))
    return DesiredState("kubia", "dev", parent, declared)


def api(server: Server) -> Api:
    """Return the API of the server in memory."""
    return Api(server)  # type: ignore[arg-type]


def up(server: Server, main: Main, *, namespace: str = "shop", force: bool = False) -> Plan:
    """Bring the program up; `server.writes` are those of this alone."""
    planned = plan.make(api(server), desired(main, namespace), force=force)
    server.writes.clear()
    execute.apply(api(server), planned, Progress(None), force=force, timing=AT_ONCE)
    return planned
