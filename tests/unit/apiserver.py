"""An API server in memory: as much of one as the kubectl engine asks for."""

from collections.abc import Mapping
from typing import Any

from kubia.apply.applyset import PART_OF
from kubia.apply.connection import ApiError
from tests.unit import applied, controllers

KINDS = (
    ("", "Namespace", "namespaces", False),
    ("", "ConfigMap", "configmaps", True),
    ("", "Secret", "secrets", True),
    ("", "Service", "services", True),
    ("", "Pod", "pods", True),
    ("", "Event", "events", True),
    ("", "Node", "nodes", False),
    ("", "PersistentVolumeClaim", "persistentvolumeclaims", True),
    ("", "ServiceAccount", "serviceaccounts", True),
    ("apps", "ControllerRevision", "controllerrevisions", True),
    ("apps", "DaemonSet", "daemonsets", True),
    ("apps", "Deployment", "deployments", True),
    ("apps", "ReplicaSet", "replicasets", True),
    ("apps", "StatefulSet", "statefulsets", True),
    ("batch", "CronJob", "cronjobs", True),
    ("batch", "Job", "jobs", True),
    ("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True),
    ("coordination.k8s.io", "Lease", "leases", True),
    ("discovery.k8s.io", "EndpointSlice", "endpointslices", True),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", False),
    ("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", True),
)
ROUTES = ("gateway.networking.k8s.io", "HTTPRoute", "httproutes", True)
"""A kind that a cluster has to be taught."""


class Server:
    """Takes requests as `Connection` does. `writes` are those that were no dry run, nor of a Lease.

    A Deployment is rolled out at once, unless its image is in `broken` or no node is large enough.
    Who writes to a path in `interrupted` is interrupted (Ctrl-C), and nothing is written. A Service
    on a node port that is `taken` is refused, and any pod if `refusing_pods` gives the reason.
    """

    context = "fake"
    kinds: tuple[tuple[str, str, str, bool], ...] = KINDS

    def __init__(self) -> None:
        """Hold the namespaces that every cluster has."""
        self.objects: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.broken: set[str] = set()
        self.interrupted: set[str] = set()
        self.taken: set[int] = set()
        self.refusing_pods = ""
        self._uids = 0
        self._versions = 0
        for name in ("default", "kube-node-lease"):
            self.put("v1", "Namespace", "/api/v1/namespaces/" + name, {"name": name})

    def put(
        self, version: str, kind: str, path: str, metadata: dict[str, Any], **rest: Any
    ) -> None:
        """Make an object as somebody else would."""
        self._uids += 1
        own = {"uid": f"uid-{self._uids}", "generation": 1, "creationTimestamp": "now"}
        own["resourceVersion"] = "0"
        self.objects[path] = {
            "apiVersion": version,
            "kind": kind,
            "metadata": {**metadata, **own},
            **rest,
        }

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content: str = "",
        accept: str = "",  # noqa: ARG002 - of the real one
    ) -> Any:
        """Answer like an API server."""
        query = query or {}
        path = path.replace("/apis/autoscaling/v2/", "/apis/autoscaling/v1/")  # the same objects
        if path in {"/api", "/apis"}:
            return {
                "items": [
                    _discovery(kind) for kind in self.kinds if bool(kind[0]) == (path[4:] != "")
                ]
            }
        if method == "GET":
            return self._get(path, query.get("labelSelector", ""))
        if method == "DELETE":
            assert body is not None
            assert body["preconditions"]["uid"] == self.objects[path]["metadata"]["uid"]
            self.writes.append(f"delete {path}")
            inside = f"{path.removeprefix('/api/v1')}/" if "/namespaces/" in path else "none"
            gone = [key for key in self.objects if key == path or inside in key]
            for key in [*gone, *controllers.owned(self.objects, path)]:
                del self.objects[key]
            return {}
        if "/leases" in path:
            assert body is not None
            return self._written_whole(method, path, body)
        if method == "POST":
            assert body is not None
            path = f"{path}/{body['metadata']['name']}"
            if path in self.objects:
                raise ApiError(409, {"message": f"{path} already exists"})
            content = "application/apply-patch+yaml"
        if method == "PUT" or content == "application/merge-patch+json":
            return self._update(method, path, query, applied.copied(body or {}))
        assert content == "application/apply-patch+yaml"
        return self._apply(path, query, applied.copied(body or {}))

    def _written_whole(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Make a Lease, or replace it if it still is the one that the writer has read."""
        if method == "POST":
            if f"/api/v1/namespaces/{path.split('/')[-2]}" not in self.objects:
                raise ApiError(404, {"message": f"{path}: namespace not found"})
            path = f"{path}/{body['metadata']['name']}"
        live = self.objects.get(path)
        version = body["metadata"].get("resourceVersion")
        if version != (live and live["metadata"]["resourceVersion"]):
            raise ApiError(409, {"message": f"{path} has been changed"})
        self._uids += 1
        own = {"uid": f"uid-{self._uids}", "resourceVersion": str(self._uids)}
        self.objects[path] = applied.copied({**body, "metadata": {**body["metadata"], **own}})
        return applied.copied(self.objects[path])

    def _get(self, path: str, selector: str) -> Any:
        if path in self.objects:
            return applied.copied(self.objects[path])
        plural = path.rpartition("/")[2]
        if plural not in {kind[2] for kind in self.kinds}:
            raise ApiError(404, {"message": f"{path} not found"})
        derived = {"pods": controllers.pods, "endpointslices": self._slices}.get(plural, _nothing)
        items = [
            applied.copied(item)
            for key, item in sorted({**self.objects, **derived(self.objects)}.items())
            if key.rpartition("/")[0].endswith(f"/{plural}")
            and (key.startswith(f"{path}/") or "/namespaces/" not in path)
            and _matches(item, selector)
        ]
        return {"metadata": {}, "items": items}

    def _slices(self, objects: controllers.Objects) -> controllers.Objects:
        """Return the EndpointSlices of the Services."""
        return controllers.slices(objects)

    def _apply(self, path: str, query: Mapping[str, str], body: dict[str, Any]) -> Any:
        self._refuse(body)
        live = self.objects.get(path)
        force = query.get("force") == "true"
        result = applied.apply(live, applied.stored(body), query["fieldManager"], force=force)
        return self._stored("apply", path, query, result)

    def _update(
        self, method: str, path: str, query: Mapping[str, str], body: dict[str, Any]
    ) -> Any:
        if path not in self.objects:
            raise ApiError(404, {"message": f"{path} not found"})
        live = self.objects[path]
        version = live["metadata"]["resourceVersion"]
        if body.get("metadata", {}).get("resourceVersion", version) != version:
            raise ApiError(409, {"message": "the object has been modified"})
        self._refuse(body)
        if method == "PUT":
            result = applied.update(live, applied.stored(body), query["fieldManager"])
        else:
            result = applied.merged(live, body)
        return self._stored("replace" if method == "PUT" else "merge", path, query, result)

    def _stored(
        self, verb: str, path: str, query: Mapping[str, str], result: dict[str, Any]
    ) -> Any:
        live = self.objects.get(path)
        if result["kind"] == "Deployment":
            result["spec"].setdefault("replicas", 1)
        if "dryRun" in query:
            return result
        if path in self.interrupted:
            raise KeyboardInterrupt
        self.writes.append(f"{verb} {path}")
        if not live:
            self._uids += 1
            result["metadata"]["uid"] = f"uid-{self._uids}"
        before = live or {}
        changed = any(result.get(key) != before.get(key) for key in ("spec", "data"))
        result["metadata"]["generation"] += changed
        self._versions += 1
        result["metadata"]["resourceVersion"] = str(self._versions)
        self.objects[path] = result
        self._observe(path)
        return applied.copied(result)

    def _observe(self, path: str) -> None:
        """Let the controllers see a write."""
        controllers.observe(self.objects, path, self.broken)

    def _refuse(self, body: Mapping[str, Any]) -> None:
        spec = body.get("spec") or {}
        if body.get("kind") == "Pod" and self.refusing_pods:
            raise ApiError(403, {"message": self.refusing_pods})
        if spec.get("replicas", 0) < 0:
            raise ApiError(422, {"message": "spec.replicas must not be negative"})
        for port in spec.get("ports", ()):
            if port.get("nodePort") in self.taken:
                text = "spec.ports[0].nodePort: provided port is already allocated"
                raise ApiError(422, {"message": text})


def _nothing(_objects: controllers.Objects) -> controllers.Objects:
    return {}


def _discovery(kind: tuple[str, str, str, bool]) -> dict[str, Any]:
    group, name, plural, namespaced = kind
    resource = {
        "resource": plural,
        "responseKind": {"kind": name},
        "scope": "Namespaced" if namespaced else "Cluster",
    }
    return {
        "metadata": {"name": group},
        "versions": [{"version": "v1", "resources": [resource]}],
    }


def _matches(item: Mapping[str, Any], selector: str) -> bool:
    labels = item["metadata"].get("labels", {})
    for part in filter(None, selector.split(",")):
        key, equals, value = part.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True


def labelled(identifier: str) -> dict[str, str]:
    """Return the label of a member."""
    return {PART_OF: identifier}
