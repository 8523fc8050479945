"""kubia.live.endpoints: which pods get a Service's requests."""

from typing import Any

from kubia.live import endpoints


def pod(*, ready: bool = True, going: bool = False) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": "web-1", "labels": {"app": "web", "version": "2"}}
    metadata |= {"deletionTimestamp": "now"} if going else {}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {"metadata": metadata, "status": {"conditions": conditions}}


def test_a_selector_takes_pods_that_have_all_its_labels() -> None:
    labels = endpoints.labels(pod())
    assert endpoints.selects({"app": "web"}, labels)
    assert not endpoints.selects({"app": "web", "version": "1"}, labels)


def test_a_service_without_a_selector_takes_no_pods() -> None:
    assert not endpoints.selects({}, {"app": "web"})


def test_pods_serve_when_they_are_ready_and_are_not_about_to_stop() -> None:
    pods = [pod(), pod(ready=False), pod(going=True)]
    assert endpoints.serving(pods) == pods[:1]


def test_a_workload_owns_the_pods_of_all_its_versions() -> None:
    workload = {"spec": {"selector": {"matchLabels": {"app": "web"}}}}
    assert endpoints.owns(workload, pod())
    assert not endpoints.owns({"spec": {}}, pod())


def test_a_workload_owns_no_pods_of_another_namespace() -> None:
    selector = {"matchLabels": {"app": "web"}}
    workload = {"metadata": {"namespace": "old"}, "spec": {"selector": selector}}
    one = pod()
    one["metadata"]["namespace"] = "new"
    assert not endpoints.owns(workload, one)
    one["metadata"]["namespace"] = "old"
    assert endpoints.owns(workload, one)
