"""How a WebService goes from one version to the next: one Args type for all ways."""

from enum import Enum
from typing import NotRequired, TypedDict

import pulumi


class StrategyType(str, Enum):
    """How a new version takes over."""

    RollingUpdate = "RollingUpdate"
    """New pods become available before old ones go."""
    Recreate = "Recreate"
    """All old pods go, then the new ones start: for what cannot run twice."""
    BlueGreen = "BlueGreen"
    """The new version runs beside the old one, and the Service switches once it is ready."""
    Canary = "Canary"
    """A few pods of the new version serve beside the old one."""


class Colour(str, Enum):
    """One of the two sides of BlueGreen."""

    Blue = "blue"
    """The Deployment NAME-blue."""
    Green = "green"
    """The Deployment NAME-green."""


class StrategyArgs(TypedDict):
    """How a new version takes over, and when a new pod counts."""

    type: NotRequired[StrategyType]
    """RollingUpdate, Recreate, BlueGreen or Canary. Default: RollingUpdate."""
    max_surge: NotRequired[str]
    """Pods above the wanted count during the update: a count or a percentage. Default: 1."""
    max_unavailable: NotRequired[str]
    """Pods that may be missing during the update: a count or a percentage. Default: 0."""
    min_ready_seconds: NotRequired[int]
    """Seconds a new pod must stay ready before it counts as available. Default: 0."""
    progress_deadline_seconds: NotRequired[int]
    """Seconds without progress after which a release has failed, beside those that `startup` gives
    a pod. Default: 120."""
    paused: NotRequired[bool]
    """Whether the rollout stands still where it is; nothing waits for it. Not with BlueGreen; of
    Canary, the stable one. Default: false."""
    active: NotRequired[Colour]
    """BlueGreen: the colour that serves image. A release gives the new image the other one."""
    idle_image: NotRequired[pulumi.Input[str]]
    """BlueGreen: the image that the other colour keeps running. Default: it goes."""
    canary_image: NotRequired[pulumi.Input[str]]
    """Canary: the image of the canary pods. Default: there are none."""
    canary_replicas: NotRequired[int]
    """Canary: the number of canary pods; their share of all pods is their share of requests, unless
    it has a weight. Default: 1."""
    canary_weight: NotRequired[int]
    """Canary: the share, in per cent, of the requests of the Gateway's route that the canary gets,
    and it gets no others. Default: by its number of pods."""
