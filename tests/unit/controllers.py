"""What controllers make of Deployments and DaemonSets, for the API server in memory: at once."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

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
    if live["kind"] == "Deployment":
        live["status"] = {"observedGeneration": live["metadata"]["generation"]}
        live["status"] |= _rolled_out(objects, path, broken)


def owned(objects: Objects, path: str) -> list[str]:
    """Return the paths of what the object at `path` owns."""
    uid = objects[path]["metadata"]["uid"]
    return [key for key, item in objects.items() if uid in _owners(item)]


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
    serving = sum(objects[key]["spec"]["replicas"] for key in older)
    if own not in objects and spec.get("paused"):
        return {"replicas": serving, "availableReplicas": serving}
    starts = _starts(spec["template"], broken)
    if starts or spec["strategy"]["type"] == "Recreate":
        for key in older:
            _scale(objects[key], 0, ready=False)
    objects[own] = _replica_set(live, own, len(older) + 1)
    _scale(objects[own], desired, ready=starts)
    return _done(desired) if starts else _failed()


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


def _scale(replica_set: dict[str, Any], replicas: int, *, ready: bool) -> None:
    replica_set["spec"]["replicas"] = replicas
    replica_set["status"] = {"replicas": replicas, "readyReplicas": replicas if ready else 0}


def _done(replicas: int) -> dict[str, Any]:
    return dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), replicas)


def _failed() -> dict[str, Any]:
    return {"conditions": [{"reason": "ProgressDeadlineExceeded"}]}
