"""Selectors by labels, as Kubernetes writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kubia.errors import refuse
from kubia.manifests.names import labels_problems
from kubia.manifests.values import Object, Spec


@dataclass(frozen=True, kw_only=True)
class LabelSelector(Spec):
    """Selects by labels."""

    match_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that have to be there; whatever there is if empty."""

    def __post_init__(self) -> None:
        """Check the labels."""
        refuse(labels_problems("matchLabels", self.match_labels))

    def manifest(self) -> Object:
        """Return it as Kubernetes takes it."""
        return {"matchLabels": dict(self.match_labels)} if self.match_labels else {}
