"""A stack's resources as a tree: which belongs to which, and which needs which others."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.text import Text
from rich.tree import Tree

from kubia.program.monitor import Registered
from kubia.program.run import Program

Family = Literal["component", "workload", "network", "content", "other"]
FAMILIES: Mapping[str, Family] = {
    **dict.fromkeys(
        ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"),
        "workload",
    ),
    **dict.fromkeys(("Ingress", "NetworkPolicy", "Service"), "network"),
    **dict.fromkeys(("ConfigMap", "PersistentVolumeClaim", "Secret"), "content"),
}
STYLES: Mapping[Family, str] = {
    "component": "bold magenta",
    "workload": "blue",
    "network": "green",
    "content": "yellow",
    "other": "default",
}


@dataclass(frozen=True)
class Node:
    """A resource, or (the first one) the stack, which is at depth 0 and has no URN.

    `needs` are the URNs of what it depends on for itself, not because what it belongs to does.
    """

    urn: str
    kind: str
    name: str
    family: Family
    depth: int
    needs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return `Deployment kubia`."""
        return f"{self.kind} {self.name}"


def nodes(program: Program) -> list[Node]:
    """Return the stack and its resources, each followed by those that belong to it."""
    children: dict[str, list[Registered]] = defaultdict(list)
    for resource in program.resources:
        children[resource.parent].append(resource)

    def below(urn: str, depth: int, known: frozenset[str]) -> Iterator[Node]:
        for resource in children[urn]:
            needs = [item for item in resource.dependencies if item not in known]
            yield _node(resource, depth, tuple(needs))
            yield from below(resource.urn, depth + 1, known | {resource.urn, *needs})

    stack = Node("", "Stack", f"{program.project}-{program.stack}", "component", 0)
    return [stack, *below("", 1, frozenset())]


def tree(nodes: Sequence[Node]) -> Tree:
    """Return the tree for a terminal; after an arrow, what a resource needs."""
    names = {node.urn: str(node) for node in nodes}
    stack, *others = nodes
    root = Tree(_label(stack, names), guide_style="bright_black")
    path = [root]
    for node in others:
        path = [*path[: node.depth], path[node.depth - 1].add(_label(node, names))]
    return root


def mermaid(nodes: Sequence[Node]) -> str:
    """Return a Mermaid flowchart, which GitHub draws in Markdown."""
    places = {node.urn: f"n{place}" for place, node in enumerate(nodes)}
    lines = ["flowchart LR"]
    path: list[str] = []
    for node in nodes:
        place = places[node.urn]
        label = f"<b>{node.kind}</b><br>{node.name}".replace('"', "#quot;")
        lines.append(f'  {place}["{label}"]')
        lines += [f"  {path[node.depth - 1]} --- {place}"] if node.depth else []
        lines += [f"  {place} -. needs .-> {places[urn]}" for urn in _known(node, places)]
        path = [*path[: node.depth], place]
    return "\n".join(lines) + "\n"


def _label(node: Node, names: Mapping[str, str]) -> Text:
    text = Text.assemble((node.kind, STYLES[node.family]), f" {node.name}")
    needs = ", ".join(names[urn] for urn in _known(node, names))
    return text.append(f"  → {needs}", "bright_black") if needs else text


def _known(node: Node, known: Mapping[str, str]) -> list[str]:
    return [urn for urn in node.needs if urn in known]


def _node(resource: Registered, depth: int, needs: tuple[str, ...]) -> Node:
    kind = "Provider" if resource.is_provider else resource.type.rpartition(":")[2]
    metadata = resource.inputs.get("metadata") if resource.custom else None
    named = metadata.get("name") if isinstance(metadata, dict) else None
    return Node(
        urn=resource.urn,
        kind=kind,
        name=str(named or resource.name),
        family=FAMILIES.get(kind, "other") if resource.custom else "component",
        depth=depth,
        needs=needs,
    )
