"""That a Service keeps pods to go to: what is refused beforehand, and what is waited for.

What an awaited rollout leaves behind is ready. What nobody awaits, because it is paused or declared
with no pod, may have none: a Service is not moved to it, and nothing that serves is removed for it.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubia.apply.api import Api, if_allowed, selector
from kubia.apply.wait import Failure, Timing
from kubia.console import Progress
from kubia.live import endpoints, rollout
from kubia.live.endpoints import Labels
from kubia.program.objects import Manifest, ObjectRef

Objects = Mapping[ObjectRef, Mapping[str, Any]]
Pods = list[Mapping[str, Any]]

SERVING = {
    "Deployment": "readyReplicas",
    "StatefulSet": "readyReplicas",
    "DaemonSet": "numberReady",
}
"""Kinds whose pods a Service goes to, and where the status of each counts those that are ready."""


@dataclass(frozen=True)
class Service:
    """A declared Service: whom it selects now (nobody if it is not live), and whom it shall."""

    key: ObjectRef
    before: Labels
    after: Labels
    targets: tuple[Manifest, ...]
    """The declared workloads whose pods it shall select."""

    @property
    def moves(self) -> bool:
        """Whether its selector changes."""
        return bool(self.before) and self.before != self.after

    @property
    def declared(self) -> int:
        """The number of pods that it shall have."""
        return sum(_count(target) for target in self.targets)


@dataclass(frozen=True)
class Leaving:
    """A workload that is to have no more than `staying` pods."""

    workload: Mapping[str, Any]
    staying: int | None = 0

    def among(self, pods: Pods) -> int:
        """Return how many of the pods go."""
        own = sum(endpoints.owns(self.workload, pod) for pod in pods)
        return max(own - (self.staying or 0), 0)


def services(manifests: Sequence[Manifest], live: Objects) -> Iterator[Service]:
    """Yield the declared Services that go to declared workloads."""
    workloads = [item for item in manifests if item.key.kind in rollout.WORKLOADS]
    for manifest in manifests:
        if manifest.key.kind != "Service" or manifest.key.group:
            continue
        after = (manifest.object.get("spec") or {}).get("selector") or {}
        before = (live.get(manifest.key, {}).get("spec") or {}).get("selector") or {}
        targets = tuple(
            item
            for item in workloads
            if item.key.namespace == manifest.key.namespace
            and endpoints.selects(after, endpoints.of_pods(item.object))
        )
        if targets:
            yield Service(manifest.key, before, after, targets)


def problems(api: Api, manifests: Sequence[Manifest], live: Objects) -> Iterator[str]:
    """Yield why a Service would lose all its pods, or send requests to some that are not ready."""
    for service in services(manifests, live):
        paused = [*_paused(service, live)]
        if paused:
            yield from paused
            continue
        standing = [target for target in service.targets if _stands(target) or not _count(target)]
        early = _early(service, manifests, live) if service.moves else []
        if not standing and not early:
            continue
        serving = ready(api, service, service.before)
        if serving:
            yield from _left(service, manifests, standing, serving)
            yield from _met_early(service, early, live, serving)


def until_ready(
    api: Api,
    service: Service,
    leaving: Sequence[Leaving],
    progress: Progress,
    timing: Timing,
) -> Iterator[Failure]:
    """Wait until as many pods are ready as serve now, but no more than are declared.

    Pods that are `leaving` do not count. Yield what is missing when the time is over.
    """
    least = min(len(ready(api, service, service.before)), service.declared)
    deadline = time.monotonic() + max(rollout.timeout(item.object) for item in service.targets)
    for pause in timing.pauses():
        pods = ready(api, service, service.after)
        count = len(pods) - sum(item.among(pods) for item in leaving)
        if count >= least:
            return
        text = f"{count} of the {least} pods that it needs are ready"
        if time.monotonic() > deadline:
            yield Failure(service.key, text, ())
            return
        progress.show({str(service.key): text})
        time.sleep(pause)


def ready(api: Api, service: Service, labels: Labels) -> Pods:
    """Return the pods that a Service with this selector goes to.

    Whoever may not see pods gets what stands for them: as many as their workloads say are ready.
    """
    if not labels:
        return []
    space = service.key.namespace
    pods = if_allowed(lambda: api.list(api.kind("", "Pod"), space, selector(labels)), None)
    if pods is None:
        return [pod for kind in SERVING for pod in _stand_ins(api, kind, space, labels)]
    return endpoints.serving(pods)


def _stand_ins(api: Api, kind: str, namespace: str, labels: Labels) -> Pods:
    """Return a pod, as far as `endpoints` asks, for each that a workload counts as ready."""
    workloads = if_allowed(lambda: api.list(api.kind("apps", kind), namespace), [])
    return [
        {"metadata": {"namespace": namespace, "labels": endpoints.of_pods(workload)}}
        for workload in workloads
        if endpoints.selects(labels, endpoints.of_pods(workload))
        for _ in range((workload.get("status") or {}).get(SERVING[kind], 0))
    ]


def _paused(service: Service, live: Objects) -> Iterator[str]:
    """Yield what stands still, and so can never have the pods that the Service is to go to."""
    for target in filter(_stands, service.targets):
        before = live.get(target.key)
        if before is not None and not endpoints.selects(service.after, endpoints.of_pods(before)):
            yield (
                f"{target.key} is paused, and its pods are not those that {service.key} shall "
                "select from now on: resume it first (leave paused out)."
            )
        if before is None:
            yield (
                f"{target.key} does not exist yet and is paused: it would have no pods, and "
                f"{service.key} nobody to go to; leave paused out until it runs."
            )


def _left(
    service: Service, manifests: Sequence[Manifest], standing: Sequence[Manifest], serving: Pods
) -> Iterator[str]:
    """Yield it if nothing that serves stays and nothing that is awaited comes."""
    if len(standing) < len(service.targets):
        return
    stay = [t for t in standing if _count(t) and any(endpoints.owns(t.object, p) for p in serving)]
    emptied = [item for item in manifests if item.object["kind"] in rollout.WORKLOADS]
    on_purpose = all(
        any(endpoints.owns(item.object, pod) and not _count(item) for item in emptied)
        for pod in serving
    )
    if not stay and not on_purpose:
        names = ", ".join(f"{target.key} ({_why(target)})" for target in standing)
        yield (
            f"{service.key} would be left without a pod: it shall go to {names} alone, and what "
            "serves now would go. Let that run first; to stop everything on purpose, set its "
            "replicas to 0 and change nothing else."
        )


def _early(service: Service, manifests: Sequence[Manifest], live: Objects) -> list[Manifest]:
    """Return the new workloads that the Service as it is would send requests to."""
    return [
        item
        for item in manifests
        if item.key.kind in rollout.WORKLOADS
        and item.key.namespace == service.key.namespace
        and item.key not in live
        and endpoints.selects(service.before, endpoints.of_pods(item.object))
    ]


def _met_early(
    service: Service, early: Sequence[Manifest], live: Objects, serving: Pods
) -> Iterator[str]:
    """Yield the new workloads that would serve before the Service moves to them, or at all.

    One that comes beside a workload which goes on serving, as a canary does, is meant to.
    """
    goes_on = any(
        target.key in live and any(endpoints.owns(target.object, pod) for pod in serving)
        for target in service.targets
    )
    for item in early:
        if item not in service.targets or not goes_on:
            yield (
                f"{service.key} selects {selector(service.before)} and would send requests to new "
                f"pods of {item.key} before they are released: run `kubia up` once with the "
                "strategy as it was, which narrows the Service, and then this."
            )


def _stands(manifest: Manifest) -> bool:
    return bool((manifest.object.get("spec") or {}).get("paused"))


def _count(manifest: Manifest) -> int:
    count = (manifest.object.get("spec") or {}).get("replicas", 1)
    return count if isinstance(count, int) else 1


def _why(manifest: Manifest) -> str:
    return "paused" if _count(manifest) else "replicas: 0"
