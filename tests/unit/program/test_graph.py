"""`kubia graph`: a stack's resources as a tree, as a picture and as Mermaid."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from rich.console import Console

from kubia.cli import graph as command
from kubia.observe import graph_plot, plots
from kubia.program import graph, run
from tests.unit.programs import ROOT

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


def test_the_picture_has_a_box_for_each_resource_and_an_arc_for_each_need(tmp_path: Path) -> None:
    file = tmp_path / "shop.svg"
    plots.save(lambda: graph_plot.draw(nodes()), file, "shop dev")
    svg = file.read_text()
    plots.save(lambda: graph_plot.draw(nodes()), file, "shop dev")

    said = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    boxes = [text for node in nodes() for text in (node.kind, node.name)]
    assert said == [*boxes, "→ needs"]
    arcs = [path for path in re.findall(r'<path d="([^"]*)"', svg) if re.search(r"M .*\nC ", path)]
    assert len([path for path in arcs if path.count("C") == 1]) == 2
    assert file.read_text() == svg


def test_long_names_are_as_wide_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "n" * 200
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {shop:contexts: [fake]}\n")
    code = f'import pulumi\npulumi.ComponentResource("shop:index:Site", "{long}")\n'
    (tmp_path / "__main__.py").write_text(code)
    monkeypatch.setenv("COLUMNS", "40")

    command.graph(cwd=tmp_path)

    assert capsys.readouterr().out == f"Stack shop-dev\n└── Site {long}\n"


@pytest.mark.parametrize("suffix", [".svg", ".png", ".html", ".mmd"])
def test_a_file_is_written_where_the_user_stands(
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    command.graph(out=Path(f"dev{suffix}"), cwd=ROOT)

    assert (tmp_path / f"dev{suffix}").stat().st_size > 500
    assert capsys.readouterr() == ("", f"20 resources in {tmp_path}/dev{suffix}\n")
