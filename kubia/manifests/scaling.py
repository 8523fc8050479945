"""What takes over a web service's number of pods: a HorizontalPodAutoscaler."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kubia.errors import Problem, refuse
from kubia.manifests.meta import Meta
from kubia.manifests.raw import inside
from kubia.manifests.selectors import LabelSelector
from kubia.manifests.values import Int, Object, Spec, at_least, quantity, within, without_none

CPU_PERCENT = 80
"""Average use of CPU, as a percentage of the request, where nothing else is aimed at."""
_LONGEST_WINDOW = 3600
"""Seconds."""
_LONGEST_PERIOD = 1800
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class DescribedObject(Spec):
    """The object that a metric is of."""

    api_version: str
    """Its group and version, such as networking.k8s.io/v1."""
    kind: str
    """Its kind, such as Ingress."""
    name: str
    """Its name."""


@dataclass(frozen=True, kw_only=True)
class Metric(Spec):
    """A metric that the cluster's metrics API serves, and what the autoscaler aims at."""

    type: Literal["Pods", "Object", "External"]
    """Of the pods themselves, of an object of the namespace, or of something outside."""
    name: str
    """Name of the metric."""
    selector: LabelSelector | None = None
    """Labels of the metric's series; all if unset."""
    described_object: DescribedObject | None = None
    """Object: what the metric is of."""
    average_value: str | None = None
    """Value for each pod to aim at, a quantity such as 100 or 500m."""
    value: str | None = None
    """Object and External: value of the whole to aim at, a quantity."""

    def __post_init__(self) -> None:
        """Check the fields against each other."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.name or "/" in self.name or "%" in self.name:
            yield Problem(("name",), f"is {self.name!r}; must be a name without '/' and '%'")
        if (self.described_object is not None) != (self.type == "Object"):
            text = f"is given, but type is {self.type}; leave it out"
            if self.type == "Object":
                text = "is missing; type Object needs one"
            yield Problem(("describedObject",), text, ("type",))
        targets = {"averageValue": self.average_value, "value": self.value}
        given = [name for name, text in targets.items() if text is not None]
        if self.type == "Pods" and given != ["averageValue"]:
            text = f"has {' and '.join(given) or 'no target'}; type Pods needs averageValue alone"
            yield Problem((), text, ("type", *targets))
        elif len(given) != 1:
            text = f"has {' and '.join(given) or 'no target'}; give one of averageValue and value"
            yield Problem((), text, tuple(targets))
        for name in given:
            yield from _quantity_problems(name, str(targets[name]))

    def manifest(self) -> Object:
        """Return it as an autoscaler holds it."""
        selector = self.selector.manifest() if self.selector else None
        thing = self.described_object
        described = thing and {
            "apiVersion": thing.api_version,
            "kind": thing.kind,
            "name": thing.name,
        }
        target = {
            "type": "Value" if self.value is not None else "AverageValue",
            "value": self.value,
            "averageValue": self.average_value,
        }
        source = {
            "describedObject": described,
            "metric": without_none({"name": self.name, "selector": selector}),
            "target": without_none(target),
        }
        return {"type": self.type, self.type.lower(): without_none(source)}


@dataclass(frozen=True, kw_only=True)
class ScalingPolicy(Spec):
    """How much may change in a period."""

    type: Literal["Pods", "Percent"]
    """Whether `value` is a number of pods, or a percentage of those that there are."""
    value: Int
    """Pods, or per cent, in the period."""
    period_seconds: Int
    """Seconds of the period."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        refuse(
            [
                *at_least("value", self.value, 1),
                *within("periodSeconds", self.period_seconds, 1, _LONGEST_PERIOD),
            ]
        )


@dataclass(frozen=True, kw_only=True)
class ScalingRules(Spec):
    """How fast the number of pods changes in one direction."""

    stabilization_window_seconds: Int | None = None
    """Seconds whose most careful wish counts; 0 up and 300 down if unset."""
    select_policy: Literal["Max", "Min", "Disabled"] | None = None
    """Which of the policies counts: that of the most change, of the least, or no change at all;
    Max if unset."""
    policies: Sequence[ScalingPolicy] = ()
    """How much may change; Kubernetes' own if empty."""

    def __post_init__(self) -> None:
        """Check the window."""
        window = self.stabilization_window_seconds
        if window is not None:
            refuse(within("stabilizationWindowSeconds", window, 0, _LONGEST_WINDOW))

    def manifest(self) -> Object:
        """Return them as an autoscaler holds them."""
        policies = [
            {"type": it.type, "value": it.value, "periodSeconds": it.period_seconds}
            for it in self.policies
        ]
        return without_none(
            {
                "stabilizationWindowSeconds": self.stabilization_window_seconds,
                "selectPolicy": self.select_policy,
                "policies": policies or None,
            }
        )


@dataclass(frozen=True, kw_only=True)
class ScalingBehavior(Spec):
    """How fast the number of pods changes."""

    scale_up: ScalingRules | None = None
    """Upwards; Kubernetes' own rules if unset."""
    scale_down: ScalingRules | None = None
    """Downwards; Kubernetes' own rules if unset."""

    def manifest(self) -> Object:
        """Return it as an autoscaler holds it."""
        rules = {"scaleUp": self.scale_up, "scaleDown": self.scale_down}
        return {name: rule.manifest() for name, rule in rules.items() if rule is not None}


@dataclass(frozen=True, kw_only=True)
class Autoscaler(Spec):
    """Takes over the number of replicas."""

    min_replicas: Int = 2
    """Pods there are at least."""
    max_replicas: Int
    """Pods there are at most."""
    cpu_percent: Int | None = None
    """Average CPU use, as a percentage of the request, that it aims at; 80 if unset and nothing
    else is aimed at."""
    memory_percent: Int | None = None
    """Average memory use, as a percentage of the request, that it aims at."""
    metrics: Sequence[Metric] = ()
    """Further metrics; the one that asks for the most pods counts."""
    behavior: ScalingBehavior | None = None
    """How fast the number changes; as Kubernetes likes if unset."""

    def __post_init__(self) -> None:
        """Check the numbers against each other."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from at_least("minReplicas", self.min_replicas, 1)
        for name, percent in (("cpu", self.cpu_percent), ("memory", self.memory_percent)):
            if percent is not None:
                yield from within(f"{name}Percent", percent, 1, 100)
        if self.max_replicas < self.min_replicas:
            text = f"is {self.max_replicas}; must be at least minReplicas, {self.min_replicas}"
            yield Problem(("maxReplicas",), text, ("minReplicas",))

    @property
    def percentages(self) -> Mapping[str, int]:
        """What it aims at, as a percentage of the request, by resource."""
        given = {"cpu": self.cpu_percent, "memory": self.memory_percent}
        percentages = {name: it for name, it in given.items() if it is not None}
        return percentages or ({} if self.metrics else {"cpu": CPU_PERCENT})

    def request_problems(self, containers: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
        """Yield whose request a percentage is of, but there is none: not even a limit.

        The autoscaler counts no pod of which a container requests nothing; `containers` are their
        resources by name, as they are sent.
        """
        for resource in self.percentages:
            for container, resources in containers.items():
                if resource not in {*inside(resources, "requests"), *inside(resources, "limits")}:
                    text = f"is a percentage of what is requested, but {container} has no "
                    text += f"resources.requests.{resource}; set it"
                    yield Problem(("autoscaler", f"{resource}Percent"), text, ("resources", "pod"))


def _quantity_problems(name: str, text: str) -> Iterator[Problem]:
    try:
        quantity(text)
    except ValueError as error:
        yield Problem((name,), str(error))


def autoscaler(meta: Meta, spec: Autoscaler) -> Object:
    """Return the HorizontalPodAutoscaler of the Deployment."""
    resources = [
        {
            "type": "Resource",
            "resource": {
                "name": name,
                "target": {"type": "Utilization", "averageUtilization": percent},
            },
        }
        for name, percent in spec.percentages.items()
    ]
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": meta.metadata(),
        "spec": without_none(
            {
                "scaleTargetRef": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": meta.name,
                },
                "minReplicas": spec.min_replicas,
                "maxReplicas": spec.max_replicas,
                "metrics": [*resources, *(metric.manifest() for metric in spec.metrics)],
                "behavior": spec.behavior.manifest() if spec.behavior else None,
            }
        ),
    }
