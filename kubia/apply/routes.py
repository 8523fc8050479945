"""That a route leads to what takes its requests: neither too early nor to what goes.

A Service that has just been made has no endpoints yet, though its pods are ready; and a Gateway
hears of a route's change a moment later than the API server.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubia.apply.api import Api, if_allowed
from kubia.apply.serving import Service
from kubia.apply.wait import Failure, Timing
from kubia.console import Progress
from kubia.live import rollout
from kubia.program.objects import ObjectRef

Live = Mapping[str, Any]

_KIND = ("gateway.networking.k8s.io", "HTTPRoute")
_SLICES = ("discovery.k8s.io", "EndpointSlice")
_OF_SERVICE = "kubernetes.io/service-name"


def is_route(key: ObjectRef) -> bool:
    """Whether it is a route of a Gateway."""
    return (key.group, key.kind) == _KIND


def backends(route: Live) -> set[ObjectRef]:
    """Return the Services to which a route leads."""
    own = route["metadata"].get("namespace", "")
    rules = (route.get("spec") or {}).get("rules") or ()
    every = [ref for rule in rules for ref in rule.get("backendRefs") or ()]
    return {
        ObjectRef("", "Service", ref.get("namespace", own), ref["name"])
        for ref in every
        if ref.get("kind", "Service") == "Service"
    }


def until_endpoints(
    api: Api, service: Service, progress: Progress, timing: Timing
) -> Iterator[Failure]:
    """Wait until a Service, whose pods are awaited before, has endpoints.

    Yield it if it has none when the time is over; nothing if we may not see them.
    """
    seconds = max(rollout.timeout(item.object) for item in service.targets)
    key = service.key
    yield from _until(lambda: _missing(api, key), key, seconds, progress, timing)


def until_taken(
    api: Api, route: ObjectRef, progress: Progress, timing: Timing
) -> Iterator[Failure]:
    """Wait until the Gateways have taken a route as it is now.

    Yield those that have not when the time is over. Who says nothing of it is not waited for.
    """
    yield from _until(lambda: _behind(api.get(route)), route, timing.routing, progress, timing)


def _until(
    left: Callable[[], str], key: ObjectRef, seconds: float, progress: Progress, timing: Timing
) -> Iterator[Failure]:
    deadline = time.monotonic() + seconds
    for pause in timing.pauses():
        text = left()
        if not text:
            return
        if time.monotonic() > deadline:
            yield Failure(key, text, ())
            return
        progress.show({str(key): text})
        time.sleep(pause)


def _missing(api: Api, service: ObjectRef) -> str:
    kind = api.kinds.get(_SLICES)
    if kind is None:
        return ""
    selector = f"{_OF_SERVICE}={service.name}"
    slices = if_allowed(lambda: api.list(kind, service.namespace, selector), None)
    if slices is None:
        return ""
    every = [each for item in slices for each in item.get("endpoints") or ()]
    is_there = any((each.get("conditions") or {}).get("ready") is not False for each in every)
    return "" if is_there else "it has no ready endpoint"


def _behind(route: Live | None) -> str:
    """Return which Gateways have not taken the route, or ""."""
    if route is None:
        return ""
    generation = route["metadata"].get("generation", 0)
    named = {_parent(route, ref) for ref in (route.get("spec") or {}).get("parentRefs") or ()}
    late = set()
    for parent in (route.get("status") or {}).get("parents") or ():
        conditions = parent.get("conditions") or ()
        seen = [it["observedGeneration"] for it in conditions if "observedGeneration" in it]
        if _parent(route, parent["parentRef"]) in named and seen and max(seen) < generation:
            late.add(_parent(route, parent["parentRef"]))
    return (
        f"not yet taken by {', '.join(sorted(late))}: see that its controller runs" if late else ""
    )


def _parent(route: Live, ref: Mapping[str, Any]) -> str:
    space = ref.get("namespace", route["metadata"].get("namespace", ""))
    return f"{ref.get('kind', 'Gateway')} {space}/{ref['name']}"
