"""Holds an `up` back while what it would do next left a Service without the pods that it has."""

from collections.abc import Iterable, Sequence

from kubia.apply import serving, wait
from kubia.apply.api import Api
from kubia.apply.model import Plan
from kubia.apply.serving import Leaving, Service
from kubia.apply.wait import Timing
from kubia.console import Progress
from kubia.live import endpoints
from kubia.program.objects import ObjectRef


def before_moving(
    api: Api, plan: Plan, keys: Iterable[ObjectRef], progress: Progress, timing: Timing
) -> None:
    """Wait until the pods are ready that the Services among the objects shall select.

    Raises:
        RolloutError: they are not in time.

    """
    moving = [service for service in _services(api, plan, keys) if service.moves]
    _until_ready(api, moving, (), progress, timing)


def before_leaving(
    api: Api, plan: Plan, leaving: Sequence[Leaving], progress: Progress, timing: Timing
) -> None:
    """Wait until no Service needs the pods that are to go.

    Raises:
        RolloutError: one still does when the time is over.

    """
    labels = [endpoints.of_pods(item.workload) for item in leaving]
    declared = [manifest.key for manifest in plan.desired.manifests] if leaving else []
    left = [
        service
        for service in _services(api, plan, declared)
        if any(endpoints.selects(service.before, each) for each in labels)
    ]
    _until_ready(api, left, leaving, progress, timing)


def _services(api: Api, plan: Plan, keys: Iterable[ObjectRef]) -> list[Service]:
    """Return those of the declared Services among the objects, as they are now."""
    asked = [key for key in keys if key.kind == "Service"]
    live = {key: item for key in asked if (item := api.get(key))}
    every = serving.services(plan.desired.manifests, live)
    return [service for service in every if service.key in live]


def _until_ready(
    api: Api,
    services: Iterable[Service],
    leaving: Sequence[Leaving],
    progress: Progress,
    timing: Timing,
) -> None:
    failures = [
        failure
        for service in services
        for failure in serving.until_ready(api, service, leaving, progress, timing)
    ]
    if failures:
        raise wait.RolloutError(failures)
