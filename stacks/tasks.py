"""Jobs as a stack has them: which of its services wait for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kubia.errors import Problem, did_you_mean
from kubia.manifests.job import Job


@dataclass(frozen=True, kw_only=True)
class ReleaseJob(Job):
    """A task that runs once, and before services that need what it does."""

    before: Sequence[str] = ()
    """Services that change only when it has succeeded: where it fails, they stay as they are."""


def before_problems(jobs: Mapping[str, ReleaseJob], services: Sequence[str]) -> Iterator[Problem]:
    """Yield the services that jobs are to come before, and that there are not."""
    known = f"known are {', '.join(services)}" if services else "there is none"
    for name, job in jobs.items():
        for index, service in enumerate(job.before):
            if service not in services:
                advice = did_you_mean(service, services) or known
                text = f"is {service!r}, the name of no service; {advice}"
                yield Problem(("jobs", name, "before", index), text)
