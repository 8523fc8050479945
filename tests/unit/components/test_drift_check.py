"""DriftCheck: a job that compares each night, and an account that can change nothing."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
import yaml
from typer.testing import CliRunner

from components import DriftCheck
from kubia.cli.app import app
from kubia.mistakes import MistakeError
from tests.unit.objects import restricted_problems, schema_problems
from tests.unit.programs import ROOT, Graph, Recorder

LEAST = {"namespace": "shop", "image": "kubia-cli:1", "stack": "prod", "context": "in-cluster"}
FULL = {
    **LEAST,
    "labels": {"env": "prod"},
    "schedule": "@hourly",
    "strict": False,
    "deadline_seconds": 60,
    "secret": "passphrase",
    "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}},
}
ACCOUNT = [{"kind": "ServiceAccount", "name": "night", "namespace": "shop"}]


def declared(record: Recorder, args: dict[str, Any]) -> Graph:
    return record.under_provider(lambda opts: DriftCheck("night", args, opts))  # type: ignore[arg-type]


def spec_of(graph: Graph, kind: str) -> dict[str, Any]:
    spec: dict[str, Any] = graph.one(kind).inputs["spec"]
    return spec


def pod_of(graph: Graph) -> dict[str, Any]:
    pod: dict[str, Any] = spec_of(graph, "CronJob")["jobTemplate"]["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize("args", [LEAST, FULL], ids=["least", "full"])
def test_every_object_is_valid_hardened_and_the_components_own(
    record: Recorder, args: dict[str, Any]
) -> None:
    graph = declared(record, args)
    component = graph.one("kubia:index:DriftCheck")
    assert [r for r in graph.kubernetes if graph.parent(r) != component] == []
    assert len(graph.kubernetes) == 9
    if not record.preview:
        assert [problem for m in graph.manifests for problem in schema_problems(m)] == []
    assert list(restricted_problems(pod_of(graph))) == []
    assert graph.registered_outputs(component) == {"name": "night"}


def test_drift_and_misuse_fail_the_job_at_once_and_two_never_run_together(record: Recorder) -> None:
    graph = declared(record, LEAST)
    cron = spec_of(graph, "CronJob")
    assert (cron["schedule"], cron["concurrencyPolicy"]) == ("17 3 * * *", "Forbid")
    job = cron["jobTemplate"]["spec"]
    assert job["activeDeadlineSeconds"] == 600
    drift, misuse = job["podFailurePolicy"]["rules"]
    assert drift["action"] == misuse["action"] == "FailJob"
    assert drift["onExitCodes"] == {"containerName": "kubia", "operator": "In", "values": [3]}
    assert misuse["onExitCodes"] == {"containerName": "kubia", "operator": "In", "values": [2]}
    assert pod_of(graph)["restartPolicy"] == "Never"


def test_the_job_asks_for_the_stack_in_its_own_cluster(record: Recorder) -> None:
    graph = declared(record, LEAST)
    (container,) = pod_of(graph)["containers"]
    assert container["command"] == ["kubia", "drift", "--stack", "prod", "--strict"]
    env = {item["name"]: item["value"] for item in container["env"]}
    assert (env["KUBECONFIG"], env["KUBIA_CONTEXT"]) == ("/etc/kubia/config", "in-cluster")
    config = json.loads(graph.one("ConfigMap").inputs["data"]["config"])
    assert config["current-context"] == "in-cluster"
    assert config["users"][0]["user"] == {
        "tokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token"
    }
    assert pod_of(graph)["serviceAccountName"] == "night"
    assert pod_of(graph)["automountServiceAccountToken"] is True


def test_each_version_of_the_kubeconfig_is_a_resource_of_its_own(record: Recorder) -> None:
    contexts = ("in-cluster", "prod")
    first, second = (
        declared(record, {**LEAST, "context": name}).one("ConfigMap") for name in contexts
    )
    assert first.urn != second.urn
    for version in (first, second):
        assert version.name == version.inputs["metadata"]["name"]
        assert [alias["spec"]["name"] for alias in version.options.aliases] == ["night-kubeconfig"]


def test_every_option_reaches_the_job(record: Recorder) -> None:
    graph = declared(record, FULL)
    (container,) = pod_of(graph)["containers"]
    assert container["command"] == ["kubia", "drift", "--stack", "prod"]
    assert container["envFrom"] == [{"secretRef": {"name": "passphrase"}}]
    assert container["resources"] == FULL["resources"]
    cron = spec_of(graph, "CronJob")
    assert cron["schedule"] == "@hourly"
    assert cron["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 60


def test_the_account_may_write_by_dry_runs_alone(record: Recorder) -> None:
    graph = declared(record, LEAST)
    policy = spec_of(graph, "ValidatingAdmissionPolicy")
    assert policy["failurePolicy"] == "Fail"
    assert [item["expression"] for item in policy["validations"]] == [
        "has(request.dryRun) && request.dryRun"
    ]
    binding = spec_of(graph, "ValidatingAdmissionPolicyBinding")
    assert binding["validationActions"] == ["Deny"]
    if not record.preview:
        (condition,) = policy["matchConditions"]
        assert condition["expression"] == (
            'request.userInfo.username == "system:serviceaccount:shop:night"'
        )
        assert binding["policyName"] == "night.shop"
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        assert graph.one(kind).inputs["subjects"] == ACCOUNT
    guard = graph.one("ValidatingAdmissionPolicyBinding")
    for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        assert guard in graph.dependencies(graph.one(kind))


@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
def test_no_right_is_for_everything_and_none_lists_secrets(record: Recorder, kind: str) -> None:
    rules = declared(record, LEAST).one(kind).inputs["rules"]
    for rule in rules:
        assert "*" not in (*rule["apiGroups"], *rule["resources"], *rule["verbs"])
        assert not {"create", "delete", "patch", "impersonate", "watch"} & set(rule["verbs"])
        assert "secrets" not in rule["resources"] or "list" not in rule["verbs"]


def test_all_mistakes_are_shown_at_once(record: Recorder) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        declared(record, {**LEAST, "schedule": "at night", "deadline_seconds": 0, "stack": ""})
    assert str(caught.value) == (
        "DriftCheck 'night': stack: is empty; name one\n"
        "DriftCheck 'night': schedule: is 'at night'; must be five fields such as 17 3 * * *, "
        "or @daily, @hourly\n"
        "DriftCheck 'night': deadlineSeconds: is 0 s; must be at least 1 s"
    )


def actions_of(job: Mapping[str, Any]) -> list[str]:
    return [step["uses"] for step in job["steps"] if "uses" in step]


@pytest.mark.parametrize("file", ["examples/ci/drift.yml", ".github/workflows/ci.yml"])
def test_a_workflow_pins_what_it_uses_and_may_only_read(file: str) -> None:
    workflow = yaml.safe_load((ROOT / file).read_text())
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert actions_of(job)
    pinned = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
    assert [action for action in actions_of(job) if not pinned.fullmatch(action)] == []


@pytest.mark.parametrize("file", ["drift.yml", "drift.gitlab-ci.yml"])
def test_the_command_of_an_example_exists_with_its_options(file: str) -> None:
    text = (ROOT / "examples/ci" / file).read_text()
    (command,) = re.findall(r"python -m kubia (.+)", text)
    result = CliRunner().invoke(app, [*shlex.split(command), "--help"])
    assert result.exit_code == 0, result.output


def test_the_workflow_of_each_push_makes_what_there_is_to_make() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    runs = [step["run"] for step in workflow["jobs"]["unit"]["steps"] if "run" in step]
    makefile = (ROOT / "Makefile").read_text()
    assert runs == ["make check", "make unit"]
    assert all(f"\n{run.removeprefix('make ')}: " in makefile for run in runs)


def test_a_name_that_its_jobs_could_not_have_is_refused(record: Recorder) -> None:
    name = "n" * 53
    with pytest.raises(MistakeError) as caught:
        record.under_provider(lambda opts: DriftCheck(name, LEAST, opts))  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"DriftCheck {name!r}: name: {name!r} has 53 characters; at most 52 are allowed for a task"
    )
