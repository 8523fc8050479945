"""The versions of a web service that run at the same time, a Deployment each."""

from dataclasses import dataclass, replace

from kubia.manifests import ports, workloads
from kubia.manifests.meta import Meta
from kubia.manifests.pods import Container, pod_spec
from kubia.manifests.values import Leaf, Object
from kubia.manifests.web_service import LANE, WebService

CONTENT = "kubia.io/content"
"""Annotation: what the pods name, `none` if nothing. It is always there, so that Pulumi sees that a
killed run has changed it: of fields that such a run has added, no refresh knows."""
NONE = "none"
_STOP_SECONDS = 5
"""Seconds beyond its last request that a process gets to end."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One of the versions that run at the same time: a Deployment of its own."""

    meta: Meta
    image: Leaf
    replicas: int
    """The number of pods, under an autoscaler the least."""
    most_replicas: int
    is_autoscaled: bool = False
    """Whether an autoscaler has the number of pods once they are there."""
    change_cause: Leaf | None = None
    """Why its revision exists; None: its image."""
    paused: bool = False
    """Whether its rollout stands still."""
    is_served: bool = True
    """Whether the Service goes to it, which then comes after it; all else comes after the Service,
    which may be leaving it."""


def releases(meta: Meta, spec: WebService) -> list[Release]:
    """Return the versions that run, in the order in which they change.

    The canary is before the stable release: that may shrink because the canary grows.
    """
    strategy = spec.strategy
    least = spec.autoscaler.min_replicas if spec.autoscaler else spec.most_replicas
    blue_green = strategy.type == "BlueGreen"

    def release(variant: str, rel: str, image: Leaf, replicas: int, most: int) -> Release:
        lane = {} if blue_green else {LANE: "main"}
        own = replace(meta, variant=variant, labels={**meta.labels, "rel": rel, **lane})
        return Release(meta=own, image=image, replicas=replicas, most_replicas=most)

    every: list[Release] = []
    if strategy.canary_image is not None:
        count = strategy.canary_replicas
        every.append(release("canary", "canary", strategy.canary_image, count, count))
    main = release(strategy.active or "", spec.rel, spec.image, least, spec.most_replicas)
    own = replace(main, change_cause=spec.change_cause, is_autoscaled=spec.autoscaler is not None)
    every.append(replace(own, paused=strategy.paused))
    if strategy.idle_image is not None:
        idle = release(strategy.idle, spec.rel, strategy.idle_image, least, spec.most_replicas)
        every.append(replace(idle, is_served=False))
    return every


def deployment(
    release: Release, spec: WebService, cause: Leaf | None = None, secret: Leaf | None = None
) -> Object:
    """Return the Deployment of one release.

    `cause` is its change cause, `secret` names the Secret with the secret environment.
    """
    container = Container(
        # As the pattern's Deployment calls it, whose app is JavaScript; ours runs Python under this
        # name, so that `kubectl set image deployment/kubia nodejs=…` works as it is taught.
        name="nodejs",
        image=release.image,
        resources=spec.resources,
        port=spec.port,
        more_ports=ports.of_container(spec.ports),
        readiness=spec.readiness,
        liveness=spec.liveness,
        env=spec.env,
        secret=secret,
        pre_stop_seconds=spec.pre_stop_seconds,
    )
    grace = spec.pre_stop_seconds + spec.longest_request_seconds + _STOP_SECONDS
    longest = spec.strategy.longest_seconds(release.most_replicas, grace)
    fixed = None if release.is_autoscaled else release.replicas
    annotations: dict[str, Leaf] = workloads.await_at_most(longest, fixed)
    annotations[CONTENT] = secret if secret is not None else NONE
    if release.paused:
        # A paused rollout never gets further: Pulumi would wait for it until the time is up.
        annotations = {**annotations, **workloads.SKIP_AWAIT}
    if cause is not None:
        annotations["kubernetes.io/change-cause"] = cause
    return workloads.deployment(
        release.meta,
        replicas=release.replicas,
        rollout=spec.strategy.manifest(paused=release.paused),
        pod=pod_spec(container, termination_grace_seconds=grace),
        annotations=annotations,
    )
