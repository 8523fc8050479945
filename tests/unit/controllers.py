"""What controllers make of Deployments and DaemonSets, for the API server in memory: at once."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

from kubia.drift import traffic
from kubia.live import diagnosis, endpoints
from kubia.live.replica_sets import REVISION

LARGEST = 8
"""CPUs of the largest node: a pod that asks for more never starts."""

Objects = dict[str, dict[str, Any]]


def observe(objects: Objects, path: str, broken: Collection[str]) -> None:
    """Bring what the object at `path` stands for about, and write its status."""
    live = objects[path]
    if live["kind"] == "DaemonSet":
        counts = ("desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable")
        live["status"] = {"observedGeneration": live["metadata"]["generation"]}
        live["status"] |= dict.fromkeys(counts, 1)
    if live["kind"] == "Job" and "status" not in live:
        (main, *_) = live["spec"]["template"]["spec"]["containers"]
        failed = {"type": "Failed", "message": "Job has reached the specified backoff limit"}
        ended = failed if main["image"] in broken else {"type": "Complete"}
        live["status"] = {"conditions": [{**ended, "status": "True"}]}
    if live["kind"] == "Deployment":
        live["status"] = {"observedGeneration": live["metadata"]["generation"]}
        live["status"] |= _rolled_out(objects, path, broken)


def begin(objects: Objects, path: str, broken: Collection[str]) -> None:
    """See that the object at `path` was written, and no more: none of its new pods is ready."""
    live = objects[path]
    if live["kind"] != "Deployment" or not live["spec"]["selector"]:
        observe(objects, path, broken)
        return
    spec = live["spec"]
    own, sets = _replica_set_path(path, spec["template"]), owned(objects, path)
    if spec.get("paused"):
        own = max(sets, key=lambda key: objects[key]["spec"]["replicas"], default="")
    elif own not in objects:
        objects[own] = _replica_set(live, own, len(sets) + 1)
        sets.append(own)
        for key in sets if spec["strategy"]["type"] == "Recreate" else ():
            _scale(objects[key], 0, ready=0)
    if own:
        others = sum(objects[key]["spec"]["replicas"] for key in sets if key != own)
        count = max(spec["replicas"] - (others if spec.get("paused") else 0), 0)
        _scale(objects[own], count, ready=_ready(objects[own]))
    live["status"] = {
        "observedGeneration": live["metadata"]["generation"],
        "replicas": sum(objects[key]["spec"]["replicas"] for key in sets),
        "updatedReplicas": objects[own]["spec"]["replicas"] if own else 0,
        "availableReplicas": sum(_ready(objects[key]) for key in sets),
    }


def owned(objects: Objects, path: str) -> list[str]:
    """Return the paths of what the object at `path` owns."""
    uid = objects[path]["metadata"]["uid"]
    return [key for key, item in objects.items() if uid in _owners(item)]


def pods(objects: Objects) -> Objects:
    """Return the pods that ReplicaSets stand for, by path; the first ones are the ready ones."""
    made: Objects = {}
    for path, item in objects.items():
        if item["kind"] == "ReplicaSet":
            status = item.get("status") or {}
            for number in range(status.get("replicas", 0)):
                is_ready = number < status.get("readyReplicas", 0)
                pod = path.replace("/apis/apps/v1", "/api/v1").replace("/replicasets/", "/pods/")
                made[f"{pod}-{number}"] = _pod(item, number, is_ready=is_ready)
    return made


def slices(objects: Objects) -> Objects:
    """Return an EndpointSlice for each Service that selects pods, with those of them, by path."""
    every, made = pods(objects), Objects()
    for path, service in objects.items():
        selector = service["kind"] == "Service" and service["spec"].get("selector")
        if not selector:
            continue
        metadata = service["metadata"]
        owner = {"kind": "Service", "name": metadata["name"], "uid": metadata["uid"]}
        ends = [
            {"targetRef": {"name": pod["metadata"]["name"]}, "conditions": {"ready": is_ready}}
            for pod in every.values()
            if endpoints.selects(selector, endpoints.labels(pod))
            for is_ready in [diagnosis.is_ready(pod)]
        ]
        where = path.replace("/api/v1", "/apis/discovery.k8s.io/v1")
        made[f"{where.replace('/services/', '/endpointslices/')}-a"] = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{metadata['name']}-a",
                "uid": f"{metadata['uid']}-a",
                "creationTimestamp": "now",
                "ownerReferences": [{**owner, "controller": True}],
                "namespace": metadata["namespace"],
                "labels": {
                    traffic.OF_SERVICE: metadata["name"],
                    traffic.MANAGED_BY: traffic.CONTROLLER,
                },
            },
            "endpoints": ends,
        }
    return made


def _pod(replica_set: dict[str, Any], number: int, *, is_ready: bool) -> dict[str, Any]:
    metadata = replica_set["metadata"]
    owner = {"kind": "ReplicaSet", "name": metadata["name"], "uid": metadata["uid"]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{metadata['name']}-{number}",
            "namespace": metadata["namespace"],
            "uid": f"{metadata['uid']}-{number}",
            "creationTimestamp": "now",
            "labels": metadata["labels"],
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": replica_set["spec"]["template"]["spec"],
        "status": {"conditions": [{"type": "Ready", "status": str(is_ready)}]},
    }


def _owners(item: dict[str, Any]) -> list[str]:
    return [owner["uid"] for owner in item["metadata"].get("ownerReferences", ())]


def _rolled_out(objects: Objects, path: str, broken: Collection[str]) -> dict[str, Any]:
    """Give the newest version all pods, unless they cannot start; return the counts."""
    live = objects[path]
    spec = live["spec"]
    desired = spec["replicas"]
    if not spec["selector"]:  # a Deployment that only stands for one
        return _failed() if spec["image"] in broken else _done(desired)
    own = _replica_set_path(path, spec["template"])
    older = [key for key in owned(objects, path) if key != own]
    if spec.get("paused"):
        return _standing(objects, path, broken)
    starts = _starts(spec["template"], broken)
    if starts or spec["strategy"]["type"] == "Recreate":
        for key in older:
            _scale(objects[key], 0, ready=0)
    objects[own] = _replica_set(live, own, len(older) + 1)
    _scale(objects[own], desired, ready=desired if starts else 0)
    return _done(desired) if starts else _failed()


def _standing(objects: Objects, path: str, broken: Collection[str]) -> dict[str, Any]:
    """Give the versions that a paused rollout has the number of pods that is declared."""
    begin(objects, path, broken)
    sets = owned(objects, path)
    for key in sets:
        count = objects[key]["spec"]["replicas"]
        starts = _starts(objects[key]["spec"]["template"], broken)
        _scale(objects[key], count, ready=count if starts else _ready(objects[key]))
    available = sum(_ready(objects[key]) for key in sets)
    return {**objects[path]["status"], "availableReplicas": available}


def _starts(template: dict[str, Any], broken: Collection[str]) -> bool:
    container = template["spec"]["containers"][0]
    asked = str((container.get("resources") or {}).get("requests", {}).get("cpu", "0"))
    return container["image"] not in broken and not (asked.isdigit() and int(asked) > LARGEST)


def _replica_set_path(path: str, template: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
    return path.replace("/deployments/", "/replicasets/") + f"-{digest}"


def _replica_set(live: dict[str, Any], path: str, revision: int) -> dict[str, Any]:
    metadata = live["metadata"]
    owner = {"kind": "Deployment", "name": metadata["name"], "uid": metadata["uid"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": path.rpartition("/")[2],
            "namespace": metadata["namespace"],
            "uid": f"uid-{path}",
            "labels": live["spec"]["template"]["metadata"]["labels"],
            "annotations": {REVISION: str(revision)},
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {"template": live["spec"]["template"], "replicas": 0},
    }


def _scale(replica_set: dict[str, Any], replicas: int, *, ready: int) -> None:
    replica_set["spec"]["replicas"] = replicas
    replica_set["status"] = {"replicas": replicas, "readyReplicas": min(ready, replicas)}


def _ready(replica_set: dict[str, Any]) -> int:
    return int((replica_set.get("status") or {}).get("readyReplicas", 0))


def _done(replicas: int) -> dict[str, Any]:
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return dict.fromkeys(counts, replicas)


def _failed() -> dict[str, Any]:
    return {"conditions": [{"reason": "ProgressDeadlineExceeded"}]}
