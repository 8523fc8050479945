"""Job: each version of a task is a Job of its own, and nothing else makes another one."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from kubia.program.monitor import Registered
from tests.unit import samples
from tests.unit.objects import pod_of
from tests.unit.programs import Recorder, computed

JOB = "kubernetes:batch/v1:Job"


def declared(record: Recorder, **changes: Any) -> Registered:
    return record.under_provider(samples.job("migrate", **changes)).one(JOB)


def name_of(job: Registered) -> str:
    return str(job.inputs["metadata"]["name"])


OTHERS: Mapping[str, Mapping[str, Any]] = {
    "image": {"image": "kubia:v2"},
    "command": {"command": ["other"]},
    "secret": {"secret_env": {"TOKEN": "b"}},
    "files": {"files": {"/etc/a": "b"}},
    "completions": {"completions": 2},
    "label": {"labels": {"env": "test"}},
    "raw": {"raw": {"job": {"spec": {"completionMode": "Indexed"}}}},
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_what_cannot_change_makes_another_job(changes: Mapping[str, Any]) -> None:
    record = Recorder(preview=False)
    before, after = declared(record), declared(record, **changes)
    assert name_of(before) != name_of(after)
    assert before.urn != after.urn
    for job in (before, after):
        assert name_of(job) == job.name
        assert name_of(job).startswith("migrate-")
        assert not job.options.retain_on_delete


@pytest.mark.parametrize(
    "changes", [{"backoff_limit": 5}, {"active_deadline_seconds": 5}, {"parallelism": 2}]
)
def test_what_can_change_stays_the_same_job(changes: Mapping[str, Any]) -> None:
    record = Recorder(preview=False)
    before, after = declared(record), declared(record, **changes)
    assert (name_of(before), before.urn) == (name_of(after), after.urn)
    assert before.inputs["spec"] != after.inputs["spec"]


def test_a_job_of_computed_values_is_one_resource_and_named_by_them() -> None:
    record = Recorder(preview=False)
    make: Callable[[str], Any] = lambda text: record.under_provider(  # noqa: E731 - short
        samples.later(samples.job, image=lambda: computed(text))
    ).one(JOB)
    before, after = make("kubia:v1"), make("kubia:v2")
    assert (before.urn, before.name) == (after.urn, "job")
    assert name_of(before) != name_of(after)
    assert name_of(before) != name_of(record.under_provider(samples.job("job")).one(JOB))
    # Under one logical name Pulumi could delete the one that has just been made.
    assert before.options.retain_on_delete


def test_its_secrets_come_before_it_and_stand_nowhere_else(record: Recorder) -> None:
    graph = record.under_provider(samples.job("migrate", secret_env={"TOKEN": "s3cret"}))
    job = graph.one(JOB)
    assert graph.one("Secret") in graph.dependencies(job)
    assert graph.in_plain_sight("s3cret") == []


def test_a_release_gives_up_at_its_deadline_and_the_next_one_tries_again(record: Recorder) -> None:
    job = declared(record, active_deadline_seconds=30)
    annotations = job.inputs["metadata"]["annotations"]
    assert job.inputs["spec"]["activeDeadlineSeconds"] == 30
    assert annotations["pulumi.com/timeoutSeconds"] == "90"
    assert annotations["pulumi.com/replaceUnready"] == "true"


def test_every_option_reaches_the_pod(record: Recorder) -> None:
    job = declared(record, **samples.FULL_JOB)
    spec, pod = job.inputs["spec"], pod_of(job.inputs)
    assert spec["backoffLimit"] == 4
    assert spec["parallelism"] == 2
    assert spec["completions"] == 3
    assert spec["completionMode"] == "Indexed"
    assert pod["restartPolicy"] == "OnFailure"
    assert pod["terminationGracePeriodSeconds"] == 5
    assert pod["serviceAccountName"] == "migrate"
    (main, _) = pod["containers"]
    assert (main["name"], main["command"], main["args"]) == ("task", ["migrate"], ["--all"])
    assert "ports" not in main
    assert not {key for key in main if key.endswith("Probe")}


MISTAKES: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "probe": ({"startup": {}}, "startup: is not a known key; known are "),
    "parallelism": ({"parallelism": 0}, "parallelism: is 0; must be at least 1"),
    "deadline": (
        {"active_deadline_seconds": 0},
        "activeDeadlineSeconds: is 0 s; must be at least 1 s",
    ),
    "restart": (
        {"restart_policy": "Always"},
        "restartPolicy: is 'Always'; must be 'Never' or 'OnFailure'",
    ),
    "vanishing": (
        {"raw": {"job": {"spec": {"ttlSecondsAfterFinished": 1}}}},
        "raw.job.spec.ttlSecondsAfterFinished: would take away what is declared; leave it out",
    ),
    "other object": (
        {"raw": {"deployment": {}}},
        (
            "raw.deployment: is no object that can be added to; known are job, configMap, "
            "secret, serviceAccount, persistentVolumeClaim"
        ),
    ),
    "variable twice": (
        {"env": {"A": "a"}, "secret_env": {"A": "b"}},
        "env.A: is in secretEnv too; keep one of them",
    ),
}


@pytest.mark.parametrize(("changes", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place(changes: Mapping[str, Any], text: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        declared(Recorder(preview=False), **changes)
    assert str(caught.value).startswith(f"Job 'migrate': {text}")


@pytest.mark.parametrize("declare", [samples.job, samples.cron_job])
def test_a_name_leaves_room_for_what_ends_it(declare: Callable[..., samples.Declare]) -> None:
    record = Recorder(preview=False)
    record.under_provider(declare("a" * 52))
    with pytest.raises(pulumi.RunError) as caught:
        record.under_provider(declare("a" * 53))
    assert "has 53 characters; at most 52 are allowed for a task" in str(caught.value)
