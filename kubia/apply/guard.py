"""Holds an `up` back while what it would do next left a Service or a route without its pods."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kubia.apply import routes, serving, wait
from kubia.apply.api import Api
from kubia.apply.model import Plan
from kubia.apply.serving import Leaving, Service
from kubia.apply.wait import Failure, Timing
from kubia.console import Progress
from kubia.live import endpoints, rollout
from kubia.program.objects import ObjectRef

Live = Mapping[str, Any]


def before_moving(
    api: Api, plan: Plan, keys: Sequence[ObjectRef], progress: Progress, timing: Timing
) -> None:
    """Wait until the pods are ready that the Services among the objects shall select.

    So it is before pods among them leave a Service that stays as it is; and Services to which the
    routes among them come to lead have to have endpoints.

    Raises:
        RolloutError: they are not in time.

    """
    moving = [service for service in _services(api, plan, keys) if service.moves]
    _until_ready(api, moving, (), progress, timing)
    for live, declared in _relabelled(api, plan, keys):
        left = [it for it in _declared(api, plan) if _leave(it, live, declared)]
        _until_ready(api, left, [Leaving(live)], progress, timing)
    _refuse(
        failure
        for service in _led_to(api, plan, keys)
        for failure in routes.until_endpoints(api, service, progress, timing)
    )


def before_leaving(
    api: Api, plan: Plan, leaving: Sequence[Leaving], progress: Progress, timing: Timing
) -> None:
    """Wait until no Service needs the pods that are to go.

    Raises:
        RolloutError: one still does when the time is over.

    """
    labels = [endpoints.of_pods(item.workload) for item in leaving]
    left = [
        service
        for service in (_declared(api, plan) if leaving else ())
        if any(endpoints.selects(service.before, each) for each in labels)
    ]
    _until_ready(api, left, leaving, progress, timing)


def before_deleting(
    api: Api, plan: Plan, gone: Iterable[ObjectRef], progress: Progress, timing: Timing
) -> None:
    """Wait until no Gateway leads to Services that are to go.

    Raises:
        RolloutError: one may still when the time is over.

    """
    if any(key.kind == "Service" for key in gone):
        _refuse(
            failure
            for manifest in plan.desired.manifests
            if routes.is_route(manifest.key)
            for failure in routes.until_taken(api, manifest.key, progress, timing)
        )


def _relabelled(api: Api, plan: Plan, keys: Sequence[ObjectRef]) -> Iterator[tuple[Live, Live]]:
    """Yield the workloads among the objects, live and declared, whose pods get other labels."""
    for manifest in plan.desired.manifests:
        if manifest.key in keys and manifest.key.kind in rollout.WORKLOADS:
            live = api.get(manifest.key)
            if live and endpoints.of_pods(live) != endpoints.of_pods(manifest.object):
                yield live, manifest.object


def _leave(service: Service, live: Live, declared: Live) -> bool:
    """Whether pods of the workload leave the Service, which stays as it is."""
    stays = not endpoints.selects(service.after, endpoints.of_pods(declared))
    return (
        stays and not service.moves and endpoints.selects(service.before, endpoints.of_pods(live))
    )


def _led_to(api: Api, plan: Plan, keys: Sequence[ObjectRef]) -> list[Service]:
    """Return the declared Services with pods to which live routes among the objects come to lead.

    A new route has nobody to lose.
    """
    declared = {item.key: item.object for item in plan.desired.manifests if item.key in keys}
    news = {
        backend
        for key in filter(routes.is_route, declared)
        if (live := api.get(key)) is not None
        for backend in routes.backends(declared[key]) - routes.backends(live)
    }
    every = serving.services(plan.desired.manifests, {}) if news else ()
    return [service for service in every if service.key in news and service.declared]


def _declared(api: Api, plan: Plan) -> list[Service]:
    """Return all declared Services, as they are now."""
    return _services(api, plan, [manifest.key for manifest in plan.desired.manifests])


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
    _refuse(
        failure
        for service in services
        for failure in serving.until_ready(api, service, leaving, progress, timing)
    )


def _refuse(failures: Iterable[Failure]) -> None:
    every = [*failures]
    if every:
        raise wait.RolloutError(every)
