"""How a Deployment goes from one version to the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.images import image_problems
from kubia.manifests.values import (
    Amount,
    Bool,
    Int,
    Leaf,
    Object,
    Spec,
    at_least,
    count_or_percent,
    within,
    without_none,
)

_SLACK_SECONDS = 30
_ALL = 100  # per cent


Colour = Literal["blue", "green"]
CANARY = "canary"
"""What ends the names of a canary's Deployment and Service."""


@dataclass(frozen=True, kw_only=True)
class Strategy(Spec):
    """RollingUpdate, Recreate, BlueGreen or Canary, and when a new pod counts."""

    type: Literal["RollingUpdate", "Recreate", "BlueGreen", "Canary"] = "RollingUpdate"
    """`RollingUpdate`: new pods become available before old ones go. `Recreate`: all old ones
    go, then the new start; for what cannot run twice. `BlueGreen`: the new version runs beside
    the old one, and the Service switches once it is ready. `Canary`: a few pods of the new
    version serve beside the old one. The last two roll in place as RollingUpdate does."""
    max_surge: Amount | None = None
    """Pods above the wanted count during a rolling update: a count or a percentage; 1 if unset."""
    max_unavailable: Amount | None = None
    """Pods that may be missing during a rolling update: a count or a percentage; 0 if unset."""
    min_ready_seconds: Int = 0
    """Seconds a new pod must stay ready before it counts as available."""
    progress_deadline_seconds: Int = 120
    """Seconds without progress after which a release has failed, beside those that `startup` gives
    a pod; above minReadySeconds."""
    paused: Bool = False
    """Whether the rollout stands still where it is; nothing waits for it meanwhile. Under Canary
    it is the stable Deployment's alone; BlueGreen has none."""
    active: Colour | None = None
    """BlueGreen: the colour that serves `image`. A release gives the new image the other one."""
    idle_image: Leaf | None = None
    """BlueGreen: the image that the other colour keeps running; it goes if unset."""
    canary_image: Leaf | None = None
    """Canary: the image of the canary pods; there are none if unset."""
    canary_replicas: Int = 1
    """Canary: the number of canary pods; their share of all pods is their share of requests, unless
    it has a weight."""
    canary_weight: Int | None = None
    """Canary: the share, in per cent, of the requests of the Gateway's route that the canary gets,
    and it gets no others; by its number of pods if unset."""

    def __post_init__(self) -> None:
        """Check the fields against each other."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from at_least("minReadySeconds", self.min_ready_seconds, 0, " s")
        yield from image_problems("idleImage", self.idle_image)
        yield from image_problems("canaryImage", self.canary_image)
        yield from at_least("canaryReplicas", self.canary_replicas, 1)
        yield from self._weight_problems()
        if self.progress_deadline_seconds <= self.min_ready_seconds:
            yield Problem(
                ("progressDeadlineSeconds",),
                f"is {self.progress_deadline_seconds} s; "
                f"must be greater than minReadySeconds, {self.min_ready_seconds} s",
                ("minReadySeconds",),
            )
        yield from self._type_problems()
        yield from self._bound_problems()

    def _type_problems(self) -> Iterator[Problem]:
        if self.type == "BlueGreen" and self.active is None:
            text = "is missing; BlueGreen needs the colour that serves, blue or green"
            yield Problem(("active",), text, ("type",))
        if self.type == "BlueGreen" and self.paused:
            # A colour that comes while it is paused has no pod that the Service could switch to.
            text = "is true, but type is BlueGreen, whose switch waits for a rollout; leave it out"
            yield Problem(("paused",), text, ("type",))
        for field, value, owner in (
            ("active", self.active, "BlueGreen"),
            ("idleImage", self.idle_image, "BlueGreen"),
            ("canaryImage", self.canary_image, "Canary"),
            ("canaryWeight", self.canary_weight, "Canary"),
        ):
            if value is not None and self.type != owner:
                text = f"is {value}, but type is {self.type}; only {owner} has it"
                yield Problem((field,), text, ("type",))

    def _weight_problems(self) -> Iterator[Problem]:
        if self.canary_weight is None:
            return
        yield from within("canaryWeight", self.canary_weight, 0, _ALL)
        if self.type == "Canary" and self.canary_image is None:
            text = "but there is no canaryImage; give that, or leave the weight out"
            yield Problem(("canaryWeight",), f"is {self.canary_weight}, {text}", ("canaryImage",))

    def _bound_problems(self) -> Iterator[Problem]:
        given = {"maxSurge": self.max_surge, "maxUnavailable": self.max_unavailable}
        for name, value in given.items():
            if value is not None and self.type == "Recreate":
                text = f"is {value}; Recreate has no such bound: leave it out"
                yield Problem((name,), text, ("type",))
            elif value is not None and count_or_percent(value) is None:
                text = f"is {value!r}; must be a count such as 1 or a percentage such as 25%"
                yield Problem((name,), text)
        missing = count_or_percent(self._unavailable)
        if isinstance(missing, str) and int(missing.removesuffix("%")) > _ALL:
            yield Problem(("maxUnavailable",), f"is {self._unavailable}; must be at most 100%")
        if {count_or_percent(self._surge), count_or_percent(self._unavailable)} <= {0, "0%"}:
            yield Problem(
                ("maxSurge",),
                f"is {self._surge} and maxUnavailable {self._unavailable}; "
                "one of them must be above 0, or no pod could ever be replaced",
                ("maxUnavailable",),
            )

    @property
    def _surge(self) -> int | str:
        return 1 if self.max_surge is None else self.max_surge

    @property
    def _unavailable(self) -> int | str:
        return 0 if self.max_unavailable is None else self.max_unavailable

    def manifest(self, *, paused: bool = False, start_seconds: int = 0) -> Object:
        """Return the fields of a Deployment's spec that this strategy sets; `paused` or not.

        A pod may take `start_seconds` to start, which is no lack of progress.
        """
        strategy: Object = {"type": "Recreate"}
        if self.type != "Recreate":
            bounds = {
                "maxSurge": count_or_percent(self._surge),
                "maxUnavailable": count_or_percent(self._unavailable),
            }
            strategy = {"type": "RollingUpdate", "rollingUpdate": bounds}
        return without_none(
            {
                "paused": True if paused else None,
                "strategy": strategy,
                "minReadySeconds": self.min_ready_seconds,
                "progressDeadlineSeconds": self.progress_deadline_seconds + start_seconds,
            }
        )

    @property
    def is_weighted(self) -> bool:
        """Whether a canary gets its requests by the route alone, and none by the Service."""
        return self.canary_weight is not None

    @property
    def idle(self) -> Colour:
        """BlueGreen: the colour that does not serve."""
        return "blue" if self.active == "green" else "green"

    def longest_seconds(self, replicas: int, grace_seconds: int, start_seconds: int = 0) -> int:
        """Return how long a release that still makes progress can take, pods one by one."""
        each = self.min_ready_seconds + grace_seconds + start_seconds
        deadline = self.progress_deadline_seconds + start_seconds
        return deadline + replicas * each + _SLACK_SECONDS
