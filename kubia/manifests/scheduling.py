"""Which nodes a pod may run on, and how the pods of one version spread over them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kubia.errors import Problem, did_you_mean, refuse
from kubia.manifests import fields
from kubia.manifests.names import labels_problems
from kubia.manifests.values import Int, Object, Spec, at_least, without_none, written

HOST = "kubernetes.io/hostname"
"""The label by which nodes differ."""
_AFFINITIES = {
    "nodeAffinity": "NodeAffinity",
    "podAffinity": "PodAffinity",
    "podAntiAffinity": "PodAntiAffinity",
}
"""The kinds, each with its type."""
_WHEN = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


@dataclass(frozen=True, kw_only=True)
class Toleration(Spec):
    """A taint of nodes that pods accept."""

    key: str | None = None
    """The taint's key; every key if unset, which takes operator Exists."""
    operator: Literal["Exists", "Equal"] = "Exists"
    """Whether the taint's value counts."""
    value: str | None = None
    """The taint's value, for Equal."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """The taint's effect; every effect if unset."""

    def __post_init__(self) -> None:
        """Check the fields against each other."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if self.operator == "Exists" and self.value is not None:
            text = f"is {self.value!r}, but operator is Exists; use Equal or leave it out"
            yield Problem(("value",), text, ("operator",))
        if self.operator == "Equal" and self.key is None:
            yield Problem(("key",), "is missing; operator Equal needs one", ("operator",))

    def manifest(self) -> Object:
        """Return the toleration as a pod holds it."""
        fields = {"key": self.key, "value": self.value, "effect": self.effect}
        return without_none({**fields, "operator": self.operator})


@dataclass(frozen=True, kw_only=True)
class TopologySpreadConstraint(Spec):
    """How evenly the pods of one version lie in zones, nodes or other domains."""

    topology_key: str
    """Label of nodes whose values are the domains, such as `topology.kubernetes.io/zone`."""
    max_skew: Int = 1
    """Pods that one domain may have more than another."""
    when_unsatisfiable: Literal["ScheduleAnyway", "DoNotSchedule"] = "ScheduleAnyway"
    """Whether it is a preference, or a pod waits until it can be met."""
    min_domains: Int | None = None
    """Domains that there are at least, for DoNotSchedule; 1 if unset."""
    node_affinity_policy: Literal["Honor", "Ignore"] | None = None
    """Whether nodes that nodeSelector and affinity leave out count; Honor, not, if unset."""
    node_taints_policy: Literal["Honor", "Ignore"] | None = None
    """Whether nodes whose taints the pods do not tolerate count; Ignore, they do, if unset."""

    def __post_init__(self) -> None:
        """Check the key and the numbers."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from labels_problems("topologyKey", {self.topology_key: ""})
        yield from at_least("maxSkew", self.max_skew, 1)
        if self.min_domains is None:
            return
        yield from at_least("minDomains", self.min_domains, 1)
        if self.when_unsatisfiable != "DoNotSchedule":
            text = f"is {self.min_domains}, but whenUnsatisfiable is ScheduleAnyway"
            yield Problem(("minDomains",), f"{text}; use DoNotSchedule", ("whenUnsatisfiable",))

    def manifest(self, selector: Mapping[str, str]) -> Object:
        """Return the constraint as a pod holds it; `selector` selects the pods of a Deployment.

        Of these only pods of the same version count: old ones go as the new ones come.
        """
        return {
            **written(self),
            "labelSelector": {"matchLabels": dict(selector)},
            "matchLabelKeys": ["pod-template-hash"],
        }


def affinity_problems(affinity: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the keys of an affinity that there are none of; their values, the API server tells."""
    for kind, rules in affinity.items():
        if kind not in _AFFINITIES:
            yield _unknown((kind,), (*_AFFINITIES,))
        elif not isinstance(rules, Mapping):
            text = f"is {rules!r}; must be a mapping of keys to values"
            yield Problem(("affinity", kind), text)
        else:
            yield from (_unknown((kind, when), _WHEN) for when in rules if when not in _WHEN)
            known = {when: rule for when, rule in rules.items() if when in _WHEN}
            yield from fields.unknown(_AFFINITIES[kind], known, ("affinity", kind))


def spread_problems(
    keys: Sequence[str], constraints: Sequence[TopologySpreadConstraint]
) -> Iterator[Problem]:
    """Yield what is wrong with topology keys, each of which may be given once."""
    full = {constraint.topology_key for constraint in constraints}
    for key in keys:
        yield from labels_problems("spread", {key: ""})
        if key in full:
            text = f"{key!r} is in topologySpreadConstraints too; keep one of them"
            yield Problem(("spread",), text, ("topologySpreadConstraints",))


def constraints(
    keys: Sequence[str], full: Sequence[TopologySpreadConstraint], selector: Mapping[str, str]
) -> list[Object]:
    """Return the constraints as a pod holds them, those that are given by their key alone first."""
    preferences = [TopologySpreadConstraint(topology_key=key) for key in keys]
    return [constraint.manifest(selector) for constraint in (*preferences, *full)]


def _unknown(path: tuple[str, ...], known: Sequence[str]) -> Problem:
    advice = did_you_mean(path[-1], known) or f"known are {', '.join(known)}"
    return Problem(("affinity", *path), f"is not a known key; {advice}")
