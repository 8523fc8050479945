"""Which nodes pods may run on, and how they spread over them."""

from enum import Enum
from typing import NotRequired, TypedDict


class TolerationOperator(str, Enum):
    """Whether a taint's value counts."""

    Exists = "Exists"
    """Any value."""
    Equal = "Equal"
    """The toleration's own value only."""


class TaintEffect(str, Enum):
    """What a taint does to pods that do not tolerate it."""

    NoSchedule = "NoSchedule"
    """Keeps new pods away."""
    PreferNoSchedule = "PreferNoSchedule"
    """Keeps new pods away where it can."""
    NoExecute = "NoExecute"
    """Keeps new pods away and evicts running ones."""


class TolerationArgs(TypedDict):
    """A taint of nodes that the pods accept."""

    key: NotRequired[str]
    """The taint's key. Default: every key."""
    operator: NotRequired[TolerationOperator]
    """Exists or Equal. Default: Exists."""
    value: NotRequired[str]
    """The taint's value, for Equal."""
    effect: NotRequired[TaintEffect]
    """The taint's effect. Default: every effect."""


class WhenUnsatisfiable(str, Enum):
    """What becomes of a pod that cannot be placed evenly."""

    ScheduleAnyway = "ScheduleAnyway"
    """It is placed as evenly as can be."""
    DoNotSchedule = "DoNotSchedule"
    """It waits."""


class NodePolicy(str, Enum):
    """Whether nodes on which the pods may not run count."""

    Honor = "Honor"
    """They do not."""
    Ignore = "Ignore"
    """They do."""


class TopologySpreadConstraintArgs(TypedDict):
    """How evenly the pods of one version lie in zones, nodes or other domains."""

    topology_key: str
    """Label of nodes whose values are the domains, such as topology.kubernetes.io/zone."""
    max_skew: NotRequired[int]
    """Pods that one domain may have more than another. Default: 1."""
    when_unsatisfiable: NotRequired[WhenUnsatisfiable]
    """Whether it is a preference, or a pod waits. Default: ScheduleAnyway."""
    min_domains: NotRequired[int]
    """Domains that there are at least, for DoNotSchedule. Default: 1."""
    node_affinity_policy: NotRequired[NodePolicy]
    """Whether nodes that nodeSelector and affinity leave out count. Default: Honor, not."""
    node_taints_policy: NotRequired[NodePolicy]
    """Whether nodes whose taints are not tolerated count. Default: Ignore, they do."""
