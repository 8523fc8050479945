"""How many pods a WebService has: Args of its autoscaler and its disruption budget."""

from enum import Enum
from typing import NotRequired, TypedDict

from .network import LabelSelectorArgs


class MetricType(str, Enum):
    """What a metric is of."""

    Pods = "Pods"
    """Of the pods themselves."""
    Object = "Object"
    """Of an object of the namespace."""
    External = "External"
    """Of something outside of the cluster."""


class DescribedObjectArgs(TypedDict):
    """The object that a metric is of."""

    api_version: str
    """Its group and version, such as networking.k8s.io/v1."""
    kind: str
    """Its kind, such as Ingress."""
    name: str
    """Its name."""


class MetricArgs(TypedDict):
    """A metric that the cluster's metrics API serves, and what the autoscaler aims at."""

    type: MetricType
    """Pods, Object or External."""
    name: str
    """Name of the metric."""
    selector: NotRequired[LabelSelectorArgs]
    """Labels of the metric's series. Default: all."""
    described_object: NotRequired[DescribedObjectArgs]
    """Object: what the metric is of."""
    average_value: NotRequired[str]
    """Value for each pod to aim at, a quantity such as 100 or 500m."""
    value: NotRequired[str]
    """Object and External: value of the whole to aim at, a quantity."""


class ScalingPolicyType(str, Enum):
    """In what a change is counted."""

    Pods = "Pods"
    """In pods."""
    Percent = "Percent"
    """In per cent of the pods that there are."""


class ScalingPolicyArgs(TypedDict):
    """How much may change in a period."""

    type: ScalingPolicyType
    """Pods or Percent."""
    value: int
    """Pods, or per cent, in the period."""
    period_seconds: int
    """Seconds of the period."""


class SelectPolicy(str, Enum):
    """Which of several policies counts."""

    Max = "Max"
    """That of the most change."""
    Min = "Min"
    """That of the least change."""
    Disabled = "Disabled"
    """None: nothing changes."""


class ScalingRulesArgs(TypedDict):
    """How fast the number of pods changes in one direction."""

    stabilization_window_seconds: NotRequired[int]
    """Seconds whose most careful wish counts. Default: 0 up, 300 down."""
    select_policy: NotRequired[SelectPolicy]
    """Which of the policies counts. Default: Max."""
    policies: NotRequired[list[ScalingPolicyArgs]]
    """How much may change. Default: Kubernetes' own."""


class ScalingBehaviorArgs(TypedDict):
    """How fast the number of pods changes."""

    scale_up: NotRequired[ScalingRulesArgs]
    """Upwards. Default: Kubernetes' own rules."""
    scale_down: NotRequired[ScalingRulesArgs]
    """Downwards. Default: Kubernetes' own rules."""


class AutoscalerArgs(TypedDict):
    """Takes over the number of replicas."""

    min_replicas: NotRequired[int]
    """Pods there are at least. Default: 2."""
    max_replicas: int
    """Pods there are at most."""
    cpu_percent: NotRequired[int]
    """Average CPU use, as a percentage of the request, that it aims at. Default: 80 where nothing
    else is aimed at."""
    memory_percent: NotRequired[int]
    """Average memory use, as a percentage of the request, that it aims at. Default: none."""
    metrics: NotRequired[list[MetricArgs]]
    """Further metrics; the one that asks for the most pods counts. Default: none."""
    behavior: NotRequired[ScalingBehaviorArgs]
    """How fast the number changes. Default: Kubernetes' own rules."""


class DisruptionBudgetArgs(TypedDict):
    """Bounds what a drain of nodes may take away."""

    max_unavailable: NotRequired[int]
    """Pods that may be missing at once through evictions. Default: 1."""
