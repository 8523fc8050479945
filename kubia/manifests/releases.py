"""The versions of a web service that run at the same time, a Deployment each."""

from dataclasses import dataclass, replace

from kubia.manifests import ports, raw, workloads
from kubia.manifests.meta import LANE, Meta
from kubia.manifests.strategies import CANARY
from kubia.manifests.values import Leaf, Object
from kubia.manifests.web_pod import NOTHING, Content
from kubia.manifests.web_service import WebService

CONTENT = "kubia.io/content"
"""Annotation: what the pods name, `none` if nothing; it is always there, so that Pulumi sees that a
killed run has changed it: of fields that such a run has added, no refresh knows."""
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

    The canary is before the stable release: that may shrink because the canary grows. One with a
    weight, which the Service does not select, is after it: it may be leaving the Service.
    """
    strategy = spec.strategy
    least = spec.autoscaler.min_replicas if spec.autoscaler else spec.most_replicas
    blue_green = strategy.type == "BlueGreen"

    def release(variant: str, rel: str, image: Leaf, replicas: int, most: int) -> Release:
        apart = blue_green or (strategy.is_weighted and variant == CANARY)
        lane = {} if apart else {LANE: "main"}
        own = replace(meta, variant=variant, labels={**meta.labels, "rel": rel, **lane})
        return Release(meta=own, image=image, replicas=replicas, most_replicas=most)

    every: list[Release] = []
    if strategy.canary_image is not None:
        count = strategy.canary_replicas
        canary = release(CANARY, "canary", strategy.canary_image, count, count)
        every.append(replace(canary, is_served=not strategy.is_weighted))
    main = release(strategy.active or "", spec.rel, spec.image, least, spec.most_replicas)
    own = replace(main, change_cause=spec.change_cause, is_autoscaled=spec.autoscaler is not None)
    every.append(replace(own, paused=strategy.paused))
    if strategy.idle_image is not None:
        idle = release(strategy.idle, spec.rel, strategy.idle_image, least, spec.most_replicas)
        every.append(replace(idle, is_served=False))
    return every


def deployment(
    release: Release,
    spec: WebService,
    cause: Leaf | None = None,
    content: Content = NOTHING,
) -> Object:
    """Return the Deployment of one release.

    `cause` is its change cause, `content` names what its secrets and files are kept in.
    """
    main = spec.container(release.image, content.env)
    grace = spec.pre_stop_seconds + spec.longest_request_seconds + _STOP_SECONDS
    start = spec.startup.longest_seconds if spec.startup else 0
    longest = spec.strategy.longest_seconds(release.most_replicas, grace, start)
    fixed = None if release.is_autoscaled else release.replicas
    annotations: dict[str, Leaf] = workloads.await_at_most(longest, fixed)
    annotations[CONTENT] = content.names
    if release.paused:
        # A paused rollout never gets further: Pulumi would wait for it until the time is up.
        annotations = {**annotations, **workloads.SKIP_AWAIT}
    if cause is not None:
        annotations["kubernetes.io/change-cause"] = cause
    labelled = replace(release.meta, labels={**release.meta.labels, **spec.pod.labels})
    manifest = workloads.deployment(
        release.meta,
        replicas=release.replicas,
        rollout=spec.strategy.manifest(paused=release.paused, start_seconds=start),
        pod=spec.pod.manifest(main, release.meta, content, grace, ports.of_container(spec.ports)),
        annotations=annotations,
        pod_labels=labelled.all_labels(),
        pod_annotations=spec.pod.annotations or None,
    )
    return raw.applied(manifest, spec.raw)
