"""NodeAgent: a DaemonSet on the nodes that carry a label."""

from typing import Any, NotRequired, Optional, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from kubia.manifests import node_agent as manifests

from .common import ResourcesArgs, specified
from .pods import PodSecurityLevel
from .scheduling import TolerationArgs


class NodeAgentArgs(TypedDict):
    """What a NodeAgent should be."""

    namespace: pulumi.Input[str]
    """Namespace of all its objects."""
    image: pulumi.Input[str]
    """Image reference."""
    node_selector: dict[str, str]
    """Labels of the nodes it runs on; empty for every node."""
    labels: NotRequired[dict[str, str]]
    """Further labels of the DaemonSet and its pods; never part of a selector."""
    command: NotRequired[list[str]]
    """Program and arguments in place of the image's entrypoint."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables. Default: none."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits of each pod."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints of nodes that it accepts. Default: none."""
    max_unavailable: NotRequired[int]
    """Nodes that may be without the agent while it is updated. Default: 1."""
    pod_security: NotRequired[PodSecurityLevel]
    """Level of Pod Security that the pods must pass; the namespace must allow a lower one.
    Default: restricted."""
    raw: NotRequired[dict[str, dict[str, Any]]]
    """Fields of Kubernetes' own, merged into the daemonSet as kubectl patch does. Default: none."""


class NodeAgent(pulumi.ComponentResource):
    """A per-node agent: one pod on each node that carries the labels, now and later."""

    name: pulumi.Output[str]
    """Name of the DaemonSet."""

    def __init__(
        self, name: str, args: NodeAgentArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        """Declare the agent.

        Raises:
            MistakeError: everything that is wrong with `args`.

        """
        meta, spec = specified("NodeAgent", name, args, manifests.NodeAgent, "agent")
        super().__init__("kubia:index:NodeAgent", name, cast("dict[str, Any]", args), opts)
        manifest = manifests.daemon_set(meta, spec)
        daemon_set = k8s.apps.v1.DaemonSet(
            name,
            metadata=manifest["metadata"],
            spec=manifest["spec"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = daemon_set.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({"name": self.name})
