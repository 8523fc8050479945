"""Names, labels and selectors of an object: derived in one place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kubia.errors import Problem, refuse
from kubia.manifests.names import WRITER, label_problems, labels_problems, namespace_problems
from kubia.manifests.values import Leaf, Object, Spec

PART_OF = "kubia"
MANAGED_BY = "kubia"
"""The tool that keeps what a program declares, and the field manager that writes it."""
ONE_WRITER = {WRITER: MANAGED_BY}
"""On every object that a program declares: Pulumi's provider writes it as the field manager that
the kubectl engine is too. Its own choice is a random name for each object, kept in the state alone:
a run that was killed before it wrote the state leaves fields that no later run may change."""
RETAIN = {"kubia.io/retain": "true"}
"""Annotation of what holds data of others' making: it outlives its declaration."""
LANE = "kubia.io/lane"
"""Label of the pods that may get requests while their version rolls out: of the stable Deployment
and its canary, which the Service selects together. A colour's pods are without it, and those of a
canary with a weight, to which only the route leads."""
COMPONENT = "app.kubernetes.io/component"
"""Label of every object and pod: what it is within the whole."""
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True, kw_only=True)
class Meta(Spec):
    """Who an application is: what its objects are called and labelled."""

    name: str
    """Name of the application's main objects: a DNS label."""
    namespace: Leaf
    """Namespace of all its objects."""
    component: str
    """What it is within the whole: `web`, `agent`, `site`."""
    variant: str = ""
    """Which of an application's several Deployments, such as `green` or `canary`: it ends their
    names and tells their pods apart; empty for the only or the main one."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels for every object and pod; never part of a selector."""
    managed_by: str = MANAGED_BY
    """The tool that keeps it."""

    def __post_init__(self) -> None:
        """Check the name, the namespace and the labels."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from label_problems("name", self.instance)
        if isinstance(self.namespace, str):
            yield from namespace_problems("namespace", self.namespace)
        yield from labels_problems("labels", self.labels)
        for key in self.labels:
            if key in self.all_labels({}):
                yield Problem(("labels",), f"{key!r} is set by kubia; choose another key")

    @property
    def instance(self) -> str:
        """Name of the objects of this variant."""
        return f"{self.name}-{self.variant}" if self.variant else self.name

    @property
    def selector(self) -> dict[str, str]:
        """The labels that tell this variant's pods from all others: only what never changes."""
        return {"app": self.name, "app.kubernetes.io/instance": self.instance}

    def all_labels(self, labels: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the recommended labels, the patterns' own and the caller's."""
        return {
            **self.selector,
            "app.kubernetes.io/name": self.name,
            COMPONENT: self.component,
            "app.kubernetes.io/part-of": PART_OF,
            "app.kubernetes.io/managed-by": self.managed_by,
            **(self.labels if labels is None else labels),
        }

    def metadata(
        self, name: str | None = None, annotations: Mapping[str, Leaf] | None = None
    ) -> Object:
        """Return an object's metadata; its name is the variant's unless given.

        An operator writes its objects itself, as itself: they do not name the program's writer.
        """
        metadata: Object = {
            "name": self.instance if name is None else name,
            "namespace": self.namespace,
            "labels": self.all_labels(),
        }
        writer = ONE_WRITER if self.managed_by == MANAGED_BY else {}
        noted = {**writer, **(annotations or {})}
        return {**metadata, "annotations": noted} if noted else metadata


KEPT_LABELS = frozenset(Meta(name="a", namespace="a", component="a").all_labels()) | {LANE, "rel"}
"""Labels of a web service that kubia sets and selects by."""


def namespace(name: str, labels: Mapping[str, str]) -> Object:
    """Return a Namespace whose pods must pass Pod Security's `restricted` level.

    Raises:
        InvalidError: the name or a label is none.

    """
    refuse([*namespace_problems("namespace", name), *labels_problems("labels", labels)])
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/part-of": PART_OF,
                "app.kubernetes.io/managed-by": MANAGED_BY,
                **RESTRICTED,
                **labels,
            },
            "annotations": dict(ONE_WRITER),
        },
    }
