"""kubia.drift.pods: pods of ours that run something else than what they were made from."""

from typing import Any

from kubia.drift import pods
from kubia.drift.neighbours import Neighbours

SET_UP = {"name": "set-up", "image": "set-up:1"}


def owned(name: str, owner: str, **rest: Any) -> dict[str, Any]:
    reference = {"name": owner, "uid": owner, "controller": True}
    return {"metadata": {"name": name, "uid": name, "ownerReferences": [reference]}, **rest}


def running(image: str, **rest: Any) -> dict[str, Any]:
    boxes = [{"name": "web", "image": image, **rest}]
    return {"containers": boxes, "initContainers": [SET_UP]}


def texts(*live: dict[str, Any], workload: str = "web") -> list[str]:
    template = {"template": {"spec": running("web:1")}}
    sets = [owned("set", "web", spec=template)]
    revisions = [owned("agent-7", "agent", data={"spec": template})]
    around = Neighbours(live, sets, revisions, [])
    own = {"metadata": {"name": workload, "uid": workload}}
    return [finding.text for finding in pods.find(own, around)]


def test_an_image_or_environment_that_was_changed_in_place_is_named() -> None:
    assert texts(owned("a", "set", spec=running("web:1"))) == []
    assert texts(owned("a", "set", spec=running("evil:1"))) == [
        "pod a runs something else in container web: image is evil:1, not web:1"
    ]
    assert len(texts(owned("a", "set", spec=running("web:1", env=[{"name": "X"}])))) == 1
    assert texts(owned("a", "other", spec=running("evil:1"))) == []


def test_what_a_cluster_adds_to_pods_is_nothing_else() -> None:
    injected = running("web:1", volumeMounts=[{"name": "token"}])
    injected["containers"].append({"name": "mesh", "image": "mesh:1"})

    assert texts(owned("a", "set", spec=injected)) == []


def test_a_debugging_container_is_named() -> None:
    debugged = {**running("web:1"), "ephemeralContainers": [{"name": "x", "image": "busybox"}]}

    assert texts(owned("a", "set", spec=debugged)) == [
        "pod a has the debugging container x (busybox)"
    ]


def test_a_daemon_sets_pod_is_compared_with_its_revision() -> None:
    pod = owned("a", "agent", spec=running("evil:1"))
    pod["metadata"]["labels"] = {"controller-revision-hash": "7"}

    assert len(texts(pod, workload="agent")) == 1
    pod["metadata"]["labels"] = {"controller-revision-hash": "6"}
    assert texts(pod, workload="agent") == []


def test_a_jobs_pod_is_compared_with_the_job_and_left_to_end() -> None:
    spec: dict[str, Any] = {"template": {"spec": running("web:1")}}
    job = {"kind": "Job", "metadata": {"name": "migrate", "uid": "migrate"}, "spec": spec}
    index = [{"name": "JOB_COMPLETION_INDEX"}]
    around = Neighbours(
        [
            owned("good", "migrate", spec=running("web:1")),
            owned("evil", "migrate", spec=running("evil:1", env=index)),
            owned("other", "other", spec=running("evil:1")),
        ],
        [],
        [],
        [],
    )

    findings = list(pods.find(job, around))

    assert [(finding.text, finding.pod) for finding in findings] == [
        ("pod evil runs something else in container web: image is evil:1, not web:1", None),
        (f"pod evil runs something else in container web: env is {index}, not None", None),
    ]
    spec["completionMode"] = "Indexed"
    assert len(list(pods.find(job, around))) == 1
