"""A per-node agent: a DaemonSet on the nodes that carry a label."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kubia.errors import Problem, refuse
from kubia.manifests import pod_security, workloads
from kubia.manifests import raw as raws
from kubia.manifests.images import image_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import env_problems, labels_problems
from kubia.manifests.pod_security import Level
from kubia.manifests.pods import Container, Resources, pod_spec
from kubia.manifests.scheduling import Toleration
from kubia.manifests.values import Int, Leaf, Object, Spec, at_least

_SLACK_SECONDS = 120
_MAIN = "main"


@dataclass(frozen=True, kw_only=True)
class NodeAgent(Spec):
    """What a per-node agent should be."""

    image: Leaf
    """Image reference."""
    node_selector: Mapping[str, str]
    """Labels of the nodes it runs on; empty for every node."""
    command: Sequence[str] = ()
    """Program and arguments in place of the image's entrypoint."""
    env: Mapping[str, Leaf] = field(default_factory=dict)
    """Environment variables."""
    resources: Resources = field(default_factory=Resources)
    """Requests and limits of each pod."""
    tolerations: Sequence[Toleration] = ()
    """Taints of nodes that it accepts."""
    max_unavailable: Int = 1
    """Nodes that may be without the agent while it is updated."""
    pod_security: Level = "restricted"
    """Level of Pod Security that its pods must pass; the namespace must allow a lower one."""
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Fields of Kubernetes' own, merged into the daemonSet as `kubectl patch` does."""

    def __post_init__(self) -> None:
        """Check the labels, names and numbers, and what is added."""
        refuse(self._problems())
        refuse(self._raw_problems())

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        yield from labels_problems("nodeSelector", self.node_selector)
        yield from env_problems("env", self.env)
        yield from at_least("maxUnavailable", self.max_unavailable, 1)

    def _raw_problems(self) -> Iterator[Problem]:
        faults = [*raws.problems(self.raw, _MAIN, raws.AGENT)]
        yield from faults
        if not faults:
            pod = raws.merged(self.pod(), raws.pod_spec(self.raw))
            annotations = raws.pod_annotations(self.raw)
            yield from pod_security.problems(pod, annotations, self.pod_security)

    def pod(self) -> Object:
        """Return its pod, without what is added to it."""
        container = Container(
            name=_MAIN,
            image=self.image,
            command=self.command,
            env=self.env,
            resources=self.resources,
        )
        return pod_spec(
            container,
            termination_grace_seconds=10,
            node_selector=self.node_selector,
            tolerations=[toleration.manifest() for toleration in self.tolerations],
        )


def daemon_set(meta: Meta, spec: NodeAgent) -> Object:
    """Return the DaemonSet."""
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": meta.metadata(annotations=workloads.await_at_most(_SLACK_SECONDS)),
        "spec": {
            "selector": {"matchLabels": meta.selector},
            "updateStrategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": spec.max_unavailable},
            },
            "template": {"metadata": {"labels": meta.all_labels()}, "spec": spec.pod()},
        },
    }
    return raws.applied(manifest, spec.raw)
