"""A task that runs again and again, by a CronJob."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from kubia.errors import Problem
from kubia.manifests import raw
from kubia.manifests.meta import Meta
from kubia.manifests.releases import CONTENT
from kubia.manifests.schedule import schedule_problems, time_zone_problems
from kubia.manifests.task import Task
from kubia.manifests.values import Bool, Int, Object, at_least, without_none
from kubia.manifests.web_pod import Content

_SHORTEST_SECONDS = 10
"""How often the CronJob controller looks: what may start within less may never start."""


@dataclass(frozen=True, kw_only=True)
class CronJob(Task):
    """What a task that runs again and again should be."""

    schedule: str
    """When it runs, as cron writes it: `17 3 * * *`, or `@daily`."""
    time_zone: str | None = None
    """Time zone of the schedule, such as `Europe/Berlin`; the cluster's, mostly UTC, if unset."""
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Forbid"
    """What happens when it is time and the last run goes on: both run, none is started, or the old
    one is ended."""
    starting_deadline_seconds: Int | None = None
    """Seconds that a run may start late, after which it is left out; any number if unset."""
    suspend: Bool = False
    """Whether no run is started; one that goes on does so."""
    successful_jobs_history_limit: Int = 3
    """Runs that stay when they have succeeded, with their logs."""
    failed_jobs_history_limit: Int = 1
    """Runs that stay when they have failed, with their logs."""

    objects: ClassVar[Collection[str]] = raw.CRON_JOB

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        yield from schedule_problems("schedule", self.schedule)
        if self.time_zone is not None:
            yield from time_zone_problems("timeZone", self.time_zone)
        if self.starting_deadline_seconds is not None:
            seconds = self.starting_deadline_seconds
            yield from at_least("startingDeadlineSeconds", seconds, _SHORTEST_SECONDS, " s")
        successful, failed = self.successful_jobs_history_limit, self.failed_jobs_history_limit
        yield from at_least("successfulJobsHistoryLimit", successful, 0)
        yield from at_least("failedJobsHistoryLimit", failed, 0)


def cron_job(meta: Meta, spec: CronJob, content: Content) -> Object:
    """Return the CronJob; `content` names what its secrets and files are kept in."""
    template = {"metadata": {"labels": meta.all_labels()}, "spec": spec.job_spec(meta, content)}
    manifest = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": meta.metadata(annotations={CONTENT: content.names}),
        "spec": without_none(
            {
                "schedule": spec.schedule,
                "timeZone": spec.time_zone,
                "concurrencyPolicy": spec.concurrency_policy,
                "startingDeadlineSeconds": spec.starting_deadline_seconds,
                "suspend": spec.suspend,
                "successfulJobsHistoryLimit": spec.successful_jobs_history_limit,
                "failedJobsHistoryLimit": spec.failed_jobs_history_limit,
                "jobTemplate": template,
            }
        ),
    }
    return raw.applied(manifest, spec.raw)
