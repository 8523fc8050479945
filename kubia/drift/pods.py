"""Pods of the stack's workloads that somebody changed in place, or works in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kubia.apply.api import FIELD_MANAGER
from kubia.drift.model import Finding
from kubia.drift.neighbours import Neighbours, controller
from kubia.live import managed_fields

Live = Mapping[str, Any]

COMPARED = ("image", "command", "args", "env", "envFrom", "workingDir")
"""What a container runs. All else of a pod its controller fills in, or nobody can change."""


def find(workload: Live, around: Neighbours) -> Iterator[Finding]:
    """Yield the workload's pods that run something else than what they were made from says."""
    if workload.get("kind") == "Job":
        yield from _of_job(workload, around)
        return
    uids = frozenset({str(workload["metadata"]["uid"])})
    for pod in around.pods:
        template = around.made_from(pod, uids)
        if template is not None:
            yield from _of_pod(pod, template)


def _of_job(job: Live, around: Neighbours) -> Iterator[Finding]:
    """Yield the Job's pods likewise. No repair deletes them: a task would be ended half done."""
    template = job["spec"]["template"]
    # In the environment of an indexed one is the pod's index, too.
    is_indexed = job["spec"].get("completionMode") == "Indexed"
    compared = [field for field in COMPARED if not (is_indexed and field == "env")]
    for pod in around.pods:
        if controller(pod) == job["metadata"]["uid"]:
            for finding in _of_pod(pod, template, compared):
                yield replace(finding, pod=None)


def _of_pod(pod: Live, template: Live, compared: Sequence[str] = COMPARED) -> Iterator[Finding]:
    name, spec = pod["metadata"]["name"], pod["spec"]
    for kind in ("initContainers", "containers"):
        given = {item["name"]: item for item in template["spec"].get(kind) or ()}
        for box in spec.get(kind) or ():
            for field in compared:
                path = ("spec", kind, box["name"], field)
                if box["name"] in given and box.get(field) != given[box["name"]].get(field):
                    value, declared = box.get(field), given[box["name"]].get(field)
                    yield Finding(
                        f"pod {name} runs something else in container {box['name']}: {field} is "
                        f"{value}, not {declared}",
                        owner=managed_fields.owner_of(pod, path, FIELD_MANAGER),
                        last=managed_fields.last_other(pod, FIELD_MANAGER),
                        pod=pod,
                    )
    for box in spec.get("ephemeralContainers") or ():
        yield Finding(
            f"pod {name} has the debugging container {box['name']} ({box['image']})",
            last=managed_fields.last_other(pod, FIELD_MANAGER),
            pod=pod,
        )
