"""An API server in memory whose pods and endpoints are ready only when somebody waits for them."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubia.live import endpoints
from tests.unit import applied, controllers
from tests.unit.apiserver import KINDS, ROUTES, Server

SPACE = "shop"
BAD = "kubia:bad"
"""An image whose pods never become ready."""
SERVICE = f"/api/v1/namespaces/{SPACE}/services/kubia"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{SPACE}/deployments"
PODS = f"/api/v1/namespaces/{SPACE}/pods"
SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices"
SERVICES = f"/api/v1/namespaces/{SPACE}/services"
PATIENCE = 50
"""How often somebody asks before it is clear that what is waited for never comes."""


class Stuck(Exception):  # noqa: N818 - what it says is what happened
    """In a real cluster the time would be up."""


@dataclass
class Slow(Server):
    """Its pods become ready, and its autoscaler scales, when somebody waits; `seen` is told."""

    seen: Callable[["Slow"], None] = lambda _server: None
    high: bool = False
    """Whether the load is high: the autoscaler then wants the most pods, and else the least."""
    asked: int = 0
    available: set[str] = field(default_factory=set)
    """The ReplicaSets that had all their pods ready."""
    known: set[str] = field(default_factory=set)
    """The Services whose endpoints the controller keeps: not at once those of a new one."""
    kinds = (*KINDS, ROUTES)

    def __post_init__(self) -> None:
        super().__init__()
        self.broken.add(BAD)

    def copied(self) -> "Slow":
        """Return a cluster that holds the same."""
        other = copy.copy(self)
        other.objects, other.available = applied.copied(self.objects), set(self.available)
        other.known = set(self.known)
        other.writes = []
        return other

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Answer; who asks for Deployments, pods or endpoints waits for them.

        Raises:
            Stuck: somebody waits for what never comes.

        """
        if method != "GET":
            self.asked = 0
        elif path in {DEPLOYMENTS, PODS, SLICES}:
            self.asked += 1
            self.tick()
            if self.asked > PATIENCE:
                raise Stuck
        answer = super().request(method, path, *rest, **more)
        if method == "DELETE":
            self.known.discard(path)
            self.seen(self)
        return answer

    def _observe(self, path: str) -> None:
        controllers.begin(self.objects, path, self.broken)
        self.seen(self)

    def tick(self) -> None:
        """Let the autoscaler scale, then one Deployment after the other become what it shall."""
        for scaler in self.all("HorizontalPodAutoscaler"):
            spec = scaler["spec"]
            live = self.objects[f"{DEPLOYMENTS}/{spec['scaleTargetRef']['name']}"]
            wish = spec["maxReplicas"] if self.high else spec["minReplicas"]
            applied.scale(live, wish, "kube-controller-manager")
            self._observe(f"{DEPLOYMENTS}/{live['metadata']['name']}")
        self.known |= {key for key, item in self.objects.items() if item["kind"] == "Service"}
        for live in self.all("Deployment"):
            path = f"{DEPLOYMENTS}/{live['metadata']['name']}"
            self._first_pods(path)
            controllers.observe(self.objects, path, self.broken)
            for key in controllers.owned(self.objects, path):
                status = self.objects[key]["status"]
                if status["replicas"] and status["readyReplicas"] == status["replicas"]:
                    self.available.add(key)
            self.seen(self)

    def _first_pods(self, path: str) -> None:
        """Let one pod of each version be ready, the others not yet."""
        for key in controllers.owned(self.objects, path):
            item = self.objects[key]
            image = item["spec"]["template"]["spec"]["containers"][0]["image"]
            if item["spec"]["replicas"] and image not in self.broken:
                status = item["status"]
                status["readyReplicas"] = max(status.get("readyReplicas", 0), 1)
        self.seen(self)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return the live objects of a kind."""
        return [item for item in self.objects.values() if item["kind"] == kind]

    def _slices(self, objects: controllers.Objects) -> controllers.Objects:
        return controllers.slices(
            {
                path: it
                for path, it in objects.items()
                if it["kind"] != "Service" or path in self.known
            }
        )

    def routed(self) -> dict[str, list[Mapping[str, Any]]]:
        """Return the ready pods to which the route leads, by the Service with which it does."""
        return {
            name: self.serving(name) if f"{SERVICES}/{name}" in self.known else []
            for route in self.all("HTTPRoute")
            for rule in route["spec"]["rules"]
            for ref in rule["backendRefs"]
            if ref.get("weight", 1)
            for name in [ref["name"]]
        }

    def serving(self, name: str = "kubia") -> list[Mapping[str, Any]]:
        """Return the ready pods that a Service goes to."""
        service = self.objects.get(f"{SERVICES}/{name}")
        pods = controllers.pods(self.objects).values() if service else ()
        return [
            pod
            for pod in endpoints.serving(pods)
            if service and endpoints.selects(service["spec"]["selector"], endpoints.labels(pod))
        ]
