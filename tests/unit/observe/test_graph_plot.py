"""kubia.observe.graph_plot: a stack's resources as a picture."""

import re
from pathlib import Path

from kubia.observe import graph_plot, plots
from kubia.program.graph import Node

NODES = [
    Node("", "Stack", "shop-dev", "component", 0),
    Node("cluster", "Provider", "cluster", "other", 1),
    Node("word", "Password", "word", "component", 1),
    Node("space", "Namespace", "shop", "other", 1),
    Node("site", "Site", "help", "component", 1, needs=("space",)),
    Node("content", "ConfigMap", "help-0a1b", "content", 2),
    Node("help", "Deployment", "help", "workload", 2, needs=("content",)),
]


def test_the_picture_has_a_box_for_each_resource_and_an_arc_for_each_need(tmp_path: Path) -> None:
    file = tmp_path / "shop.svg"
    plots.save(lambda: graph_plot.draw(NODES), file, "shop dev")
    svg = file.read_text()
    plots.save(lambda: graph_plot.draw(NODES), file, "shop dev")

    said = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    boxes = [text for node in NODES for text in (node.kind, node.name)]
    assert said == [*boxes, "→ needs"]
    arcs = [path for path in re.findall(r'<path d="([^"]*)"', svg) if re.search(r"M .*\nC ", path)]
    assert len([path for path in arcs if path.count("C") == 1]) == 2
    assert file.read_text() == svg
