"""CronJob: a task that runs again and again."""

from typing import Any

import pulumi
import pytest

from kubia.program.monitor import Registered
from tests.unit import samples
from tests.unit.objects import pod_of
from tests.unit.programs import Recorder

CRON_JOB = "kubernetes:batch/v1:CronJob"


def declared(record: Recorder, **changes: Any) -> Registered:
    return record.under_provider(samples.cron_job("night", **changes)).one(CRON_JOB)


def test_with_an_image_and_a_schedule_two_runs_never_meet(record: Recorder) -> None:
    spec = declared(record).inputs["spec"]
    assert {key: value for key, value in spec.items() if key != "jobTemplate"} == {
        "schedule": "@daily",
        "concurrencyPolicy": "Forbid",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }


def test_every_option_reaches_it(record: Recorder) -> None:
    cron = declared(record, **samples.FULL_CRON).inputs
    spec = cron["spec"]
    assert (spec["timeZone"], spec["startingDeadlineSeconds"]) == ("Europe/Berlin", 60)
    assert (spec["concurrencyPolicy"], spec["suspend"]) == ("Replace", True)
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (1, 2)
    job = spec["jobTemplate"]["spec"]
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (4, 90)
    assert (job["parallelism"], job["completions"], job["completionMode"]) == (2, 3, "Indexed")
    assert pod_of(cron)["restartPolicy"] == "OnFailure"


def test_whatever_changes_it_stays_the_same_one() -> None:
    record = Recorder(preview=False)
    before = declared(record)
    after = declared(record, image="kubia:v2", secret_env={"TOKEN": "a"}, schedule="@hourly")
    assert before.urn == after.urn
    assert before.inputs["metadata"]["name"] == after.inputs["metadata"]["name"] == "night"
    # What its pods name is always noted: Pulumi sees then that a killed run has changed it.
    noted = [it.inputs["metadata"]["annotations"]["kubia.io/content"] for it in (before, after)]
    assert noted[0] == "none"
    assert noted[1].startswith("night-env-")


def test_its_runs_may_vanish_which_nobody_declares() -> None:
    added = {"cronJob": {"spec": {"jobTemplate": {"spec": {"ttlSecondsAfterFinished": 60}}}}}
    cron_job = declared(Recorder(preview=False), raw=added)
    assert cron_job.inputs["spec"]["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 60


def test_all_mistakes_are_shown_at_once() -> None:
    changes = {
        "schedule": "at night",
        "time_zone": "Local",
        "starting_deadline_seconds": 5,
        "failed_jobs_history_limit": -1,
        "raw": {"cronJob": {"spec": {"suspend": True}}},
    }
    with pytest.raises(pulumi.RunError) as caught:
        declared(Recorder(preview=False), **changes)
    assert str(caught.value) == (
        "CronJob 'night': schedule: is 'at night'; must be five fields such as 17 3 * * *, or "
        "@daily, @hourly\n"
        "CronJob 'night': timeZone: is 'Local'; must be the name of a time zone, such as "
        "Europe/Berlin or Etc/UTC\n"
        "CronJob 'night': startingDeadlineSeconds: is 5 s; must be at least 10 s\n"
        "CronJob 'night': failedJobsHistoryLimit: is -1; must be at least 0"
    )
