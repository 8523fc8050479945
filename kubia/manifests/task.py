"""What runs to its end: the pods of a Job, which stands alone or is made by a CronJob."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kubia.errors import Problem
from kubia.manifests.application import Application
from kubia.manifests.images import image_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import HASH_LENGTH, LABEL_LENGTH
from kubia.manifests.values import Int, Object, at_least, without_none
from kubia.manifests.web_pod import Content

LONGEST_NAME = LABEL_LENGTH - 1 - HASH_LENGTH
"""Characters of a task's name: its Job's ends in a hash, as those that a CronJob makes end in the
time, which Kubernetes gives as much room."""


@dataclass(frozen=True, kw_only=True)
class Task(Application):
    """What runs to its end; the fields of a container are its main container's."""

    restart_policy: Literal["Never", "OnFailure"] = "Never"
    """What follows when a container fails: with Never another pod, and the failed one stays with
    its logs; with OnFailure the container again, in the same pod."""
    termination_grace_period_seconds: Int = 30
    """Seconds that its pods get to stop when they are told to."""
    backoff_limit: Int = 2
    """How often it is tried again, after 10 s, 20 s, 40 s and so on, before it has failed."""
    active_deadline_seconds: Int | None = None
    """Seconds from its start after which it has failed, whatever it does then; none if unset."""
    parallelism: Int | None = None
    """Pods that may run at the same time; 1 if unset."""
    completions: Int | None = None
    """Pods that must succeed; if unset 1, or with parallelism as many as there are to do: when one
    has succeeded, no other is started."""

    def _problems(self) -> Iterator[Problem]:
        yield from image_problems("image", self.image)
        yield from self._name_problems()
        yield from self._process_problems()
        yield from self._secret_problems()
        grace = self.termination_grace_period_seconds
        yield from at_least("terminationGracePeriodSeconds", grace, 0, " s")
        yield from at_least("backoffLimit", self.backoff_limit, 0)
        for name, value, unit in (
            ("activeDeadlineSeconds", self.active_deadline_seconds, " s"),
            ("parallelism", self.parallelism, ""),
            ("completions", self.completions, ""),
        ):
            if value is not None:
                yield from at_least(name, value, 1, unit)

    def job_spec(self, meta: Meta, content: Content) -> Object:
        """Return the spec of its Job; `content` names what its secrets and files are kept in."""
        main = self.container(self.image, content.env)
        pod = self.pod.manifest(main, meta, content, self.termination_grace_period_seconds)
        labels = replace(meta, labels={**meta.labels, **self.pod.labels}).all_labels()
        metadata = {"labels": labels, "annotations": self.pod.annotations or None}
        spec = {**pod, "restartPolicy": self.restart_policy}
        return without_none(
            {
                "backoffLimit": self.backoff_limit,
                "activeDeadlineSeconds": self.active_deadline_seconds,
                "parallelism": self.parallelism,
                "completions": self.completions,
                "template": {"metadata": without_none(metadata), "spec": spec},
            }
        )


def name_problems(field: str, name: str) -> Iterator[Problem]:
    """Yield the problem of a task's name that is too long."""
    if len(name) > LONGEST_NAME:
        text = f"{name!r} has {len(name)} characters; at most {LONGEST_NAME} are allowed for a task"
        yield Problem((field,), text)
