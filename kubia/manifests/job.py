"""A task that runs once, as a Job. It cannot change: each version of it is a Job of its own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kubia.manifests import raw, workloads
from kubia.manifests.meta import Meta
from kubia.manifests.names import by_content
from kubia.manifests.releases import CONTENT
from kubia.manifests.task import Task
from kubia.manifests.values import Int, Leaf, Object
from kubia.manifests.web_pod import NOTHING, Content, all_files, all_secret_files

AGAIN = {"pulumi.com/replaceUnready": "true"}
"""Under both engines the next update makes a Job that has failed anew; it would only be waited for
otherwise, and can never complete."""
_CHANGING = {"activeDeadlineSeconds", "backoffLimit", "parallelism"}
"""What can be changed of a Job; all else makes another one."""
_SLACK_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Job(Task):
    """What a task that runs once should be."""

    active_deadline_seconds: Int = 600
    """Seconds from its start after which it has failed, whatever it does then: what waits for it
    waits no longer."""

    objects: ClassVar[Collection[str]] = raw.JOB


def version(meta: Meta, spec: Job) -> Mapping[str, Any]:
    """Return all by which one version of a Job differs from others; there may be Outputs in it.

    What its Secrets and files are called follows from what is in them.
    """
    every = raw.applied({"kind": "Job", "spec": spec.job_spec(meta, NOTHING)}, spec.raw)["spec"]
    return {
        "spec": {key: value for key, value in every.items() if key not in _CHANGING},
        "env": dict(spec.secret_env),
        "files": all_files(spec.containers),
        "secretFiles": all_secret_files(spec.containers),
    }


def job_name(name: str, version: Mapping[str, Any], *, computed: bool = False) -> str:
    """Return a version's name: NAME-<10 hex>.

    One with values that other resources make never shares its name with one in which the same are
    written down: the two are different resources, of which one goes when the other comes.
    """
    return by_content(name, {"computed": version} if computed else version)


def job(meta: Meta, spec: Job, name: Leaf, content: Content) -> Object:
    """Return the Job of this `name`; `content` names what its secrets and files are kept in."""
    longest = workloads.await_at_most(spec.active_deadline_seconds + _SLACK_SECONDS)
    annotations: dict[str, Leaf] = {**longest, **AGAIN, CONTENT: content.names}
    manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {**meta.metadata(annotations=annotations), "name": name},
        "spec": spec.job_spec(meta, content),
    }
    return raw.applied(manifest, spec.raw)
