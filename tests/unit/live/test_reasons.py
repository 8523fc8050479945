"""kubia.live.reasons: what each reason is called, what to do, and whether waiting may heal it."""

from typing import Any

import pytest

from kubia.live import reasons
from kubia.live.reasons import REFUSED, RULES, Reason

POD = 'pods "web-1" is forbidden: '
# What Kubernetes 1.36 and its kubelet say.
SAID: tuple[tuple[str, str, str, str], ...] = (
    (REFUSED, f"{POD}exceeded quota: q, requested: pods=1, used: pods=3", "quota", "unless"),
    (REFUSED, f"{POD}failed quota: q: must specify limits.cpu for: web", "quota", "at once"),
    (
        REFUSED,
        f"{POD}[maximum cpu usage per Container is 100m, but limit is 200m]",
        "LimitRange",
        "at once",
    ),
    (
        REFUSED,
        f"{POD}minimum memory usage per Pod is 1Gi, but request is 8Mi",
        "LimitRange",
        "at once",
    ),
    (
        REFUSED,
        f'{POD}violates PodSecurity "restricted:latest": privileged',
        "Pod Security",
        "at once",
    ),
    (
        REFUSED,
        'admission webhook "no.example.com" denied the request: no',
        "admission",
        "at once",
    ),
    (
        REFUSED,
        f"{POD}ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
        "admission",
        "at once",
    ),
    (
        REFUSED,
        'Internal error occurred: failed calling webhook "a": connect: connection refused',
        "admission",
        "never",
    ),
    (
        REFUSED,
        f"{POD}unable to create new content in namespace shop because it is being terminated",
        "namespace",
        "at once",
    ),
    (
        REFUSED,
        'Pod "web-1" is invalid: spec.containers[0].resources.requests: Invalid value: "1"',
        "invalid",
        "at once",
    ),
    (
        REFUSED,
        f'{POD}error looking up service account shop/web: serviceaccount "web" not found',
        "refused",
        "never",
    ),
    ("Unschedulable", "0/1 nodes are available: 1 Insufficient cpu.", "scheduling", "if no node"),
    ("InvalidImageName", 'Failed to apply default image tag "Kubia V1"', "image", "at once"),
    ("ErrImagePull", "dial tcp: connect: connection refused", "image", "never"),
    ("ImagePullBackOff", 'Back-off pulling image "kubia:v9"', "image", "never"),
    ("ErrImageNeverPull", "", "image", "never"),
    ("CreateContainerConfigError", 'secret "s" not found', "configuration", "never"),
    (
        "CreateContainerConfigError",
        "container has runAsNonRoot and image will run as root",
        "configuration",
        "at once",
    ),
    ("CreateContainerError", "no command specified", "start", "never"),
    ("CrashLoopBackOff", "back-off 10s restarting failed container", "crash", "never"),
    ("Paused", "paused by hand", "paused", "at once"),
)


def known(reason: str, message: str) -> Reason:
    found = reasons.of_text(reason, message)
    assert found is not None
    return found


@pytest.mark.parametrize(("word", "message", "name", "ends"), SAID)
def test_a_reason_has_a_name_and_a_verdict(word: str, message: str, name: str, ends: str) -> None:
    reason = known(word, message)

    assert reason.rule.name == name
    assert reason.rule.ends.startswith(ends)
    assert str(reason).endswith(f": {reason.rule.advice}")


def test_every_rule_has_an_example() -> None:
    assert {known(word, message).rule for word, message, _, _ in SAID} == set(RULES)


@pytest.mark.parametrize("word", ["ContainerCreating", "PodInitializing", "Completed"])
def test_what_takes_its_time_is_no_reason(word: str) -> None:
    assert reasons.of_text(word, "") is None


def test_many_pods_have_one_reason() -> None:
    waiting = {"state": {"waiting": {"reason": "ErrImagePull", "message": "no  such\nhost."}}}
    pod = {"status": {"containerStatuses": [waiting], "initContainerStatuses": [waiting]}}

    (reason,) = reasons.once(reasons.of_pods([pod, pod]))

    assert str(reason).startswith("no such host: see that the image exists")


def test_a_deployments_reason_is_that_of_its_present_replica_set() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "reason": REFUSED, "message": "old"}
    live: dict[str, Any] = {"status": {"conditions": [failure]}}
    current = {"status": {"conditions": [{**failure, "message": f"{POD}exceeded quota"}]}}

    assert [item.message for item in reasons.of_deployment(live, current)] == [
        f"{POD}exceeded quota"
    ]
    assert list(reasons.of_deployment(live, {"status": {}})) == []
    assert list(reasons.of_deployment(live, None)) == []


def test_a_deployment_that_gets_no_replica_set_says_why() -> None:
    condition = {
        "type": "Progressing",
        "status": "False",
        "reason": "ReplicaSetCreateError",
        "message": 'replicasets.apps "web-1" is forbidden: exceeded quota: q',
    }

    (reason,) = reasons.of_deployment({"status": {"conditions": [condition]}}, None)

    assert reason.rule.name == "quota"


def test_the_newest_event_counts() -> None:
    refused = {"reason": REFUSED, "message": f"{POD}exceeded quota", "lastTimestamp": "2"}
    created = {"reason": "SuccessfulCreate", "message": "Created pod: a", "lastTimestamp": "1"}

    assert [item.rule.name for item in reasons.of_events([refused, created])] == ["quota"]
    assert list(reasons.of_events([refused, {**created, "lastTimestamp": "3"}])) == []
    assert list(reasons.of_events([])) == []


def test_who_paused_by_hand_is_told_how_to_resume() -> None:
    metadata = {"name": "web", "namespace": "shop"}
    live: dict[str, Any] = {"kind": "Deployment", "metadata": metadata, "spec": {"paused": True}}

    (reason,) = reasons.of_pause(live)

    assert str(reason) == (
        "paused by hand (kubectl rollout resume deployment/web -n shop): "
        "resume it, then run `kubia up` again"
    )
    assert list(reasons.of_pause({**live, "spec": {}})) == []
