"""kubia.program.graph: a stack's resources as a tree and as Mermaid."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from rich.console import Console

from kubia.program import graph, run

TREE = """\
Stack shop-dev
├── Provider cluster
├── Password word
├── Namespace shop
└── Site help  → Namespace shop
    ├── ConfigMap help-0a1b
    └── Deployment help  → ConfigMap help-0a1b
"""
MERMAID = """\
flowchart LR
  n0["<b>Stack</b><br>shop-dev"]
  n1["<b>Provider</b><br>cluster"]
  n0 --- n1
  n2["<b>Password</b><br>word"]
  n0 --- n2
  n3["<b>Namespace</b><br>shop"]
  n0 --- n3
  n4["<b>Site</b><br>help"]
  n0 --- n4
  n4 -. needs .-> n3
  n5["<b>ConfigMap</b><br>help-0a1b"]
  n4 --- n5
  n6["<b>Deployment</b><br>help"]
  n4 --- n6
  n6 -. needs .-> n5
"""


class Site(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("shop:index:Site", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        own: Any = {"name": f"{name}-0a1b", "namespace": "shop"}
        files = k8s.core.v1.ConfigMap(f"{name}-content", metadata=own, opts=child)
        after = pulumi.ResourceOptions(parent=self, depends_on=[files])
        own = {"name": name, "namespace": "shop"}
        spec: Any = {}
        k8s.apps.v1.Deployment(name, metadata=own, spec=spec, opts=after)


def shop() -> None:
    cluster = k8s.Provider("cluster", context="fake")
    pulumi.ComponentResource("shop:index:Password", "word")
    opts = pulumi.ResourceOptions(provider=cluster)
    space = k8s.core.v1.Namespace("space", metadata={"name": "shop"}, opts=opts)
    Site("help", pulumi.ResourceOptions(providers=[cluster], depends_on=[space]))


def nodes(main: Callable[[], None] = shop) -> list[graph.Node]:
    return graph.nodes(run.run(main, "shop", "dev"))


def test_what_is_inherited_from_the_component_is_not_told_again() -> None:
    console = Console(record=True, width=80, file=None)
    with console.capture() as captured:
        console.print(graph.tree(nodes()))

    assert captured.get() == TREE


def test_mermaid_tells_the_same() -> None:
    assert graph.mermaid(nodes()) == MERMAID
