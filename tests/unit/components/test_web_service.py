"""WebService: its objects, how they fit each other, and what stays secret."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from tests.unit import samples
from tests.unit.objects import pod_labels, pod_of, selects
from tests.unit.programs import Graph, Recorder, computed

SECRET = "correct horse"


def test_the_least_args_make_a_deployment_and_a_service_and_nothing_else(record: Recorder) -> None:
    graph = record.under_provider(samples.web("kubia"))
    assert sorted((m["kind"], m["metadata"]["name"]) for m in graph.manifests) == [
        ("Deployment", "kubia"),
        ("Service", "kubia"),
    ]


def test_every_option_together_makes_every_object(record: Recorder) -> None:
    graph = record.under_provider(samples.web("kubia", **samples.FULL_WEB))
    assert sorted(m["kind"] for m in graph.manifests) == [
        "Deployment",
        "HTTPRoute",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Secret",
        "Service",
        "ServiceMonitor",
    ]


@pytest.mark.parametrize("args", [samples.LEAST_WEB, samples.FULL_WEB], ids=["least", "full"])
def test_the_service_sends_requests_to_the_pods_of_the_deployment(
    record: Recorder, args: Any
) -> None:
    graph = record.under_provider(samples.web(**args))
    deployment, service = graph.one("Deployment").inputs, graph.one("Service").inputs
    assert selects(service["spec"]["selector"], pod_labels(deployment))
    (container,) = pod_of(deployment)["containers"]
    targets = [port["targetPort"] for port in service["spec"]["ports"]]
    assert targets == [port["name"] for port in container["ports"]]


@pytest.mark.parametrize("args", [samples.LEAST_WEB, samples.FULL_WEB], ids=["least", "full"])
def test_the_deployment_selects_its_own_pods(record: Recorder, args: Any) -> None:
    deployment = record.under_provider(samples.web(**args)).one("Deployment").inputs
    assert selects(deployment["spec"]["selector"]["matchLabels"], pod_labels(deployment))


def test_a_service_selects_its_app_s_pods_whatever_their_label_rel(record: Recorder) -> None:
    canary = record.under_provider(samples.web("kubia", rel="canary"))
    selector = canary.one("Service").inputs["spec"]["selector"]
    assert selector == {"app": "kubia", "kubia.io/lane": "main"}
    assert pod_labels(canary.one("Deployment").inputs)["rel"] == "canary"
    assert selects(selector, pod_labels(canary.one("Deployment").inputs))


def test_the_disruption_budget_counts_the_pods_behind_the_service(
    record: Recorder,
) -> None:
    graph = record.under_provider(samples.web(disruption_budget={"max_unavailable": 2}))
    budget, deployment = graph.one("PodDisruptionBudget").inputs["spec"], graph.one("Deployment")
    selector = budget["selector"]["matchLabels"]
    assert selects(selector, pod_labels(deployment.inputs))
    assert budget["maxUnavailable"] == 2


def test_an_autoscaler_begins_with_its_least_pods_and_has_their_number_from_then_on(
    record: Recorder,
) -> None:
    graph = record.under_provider(samples.web(autoscaler={"max_replicas": 5}))
    deployment = graph.one("Deployment")
    assert deployment.inputs["spec"]["replicas"] == 2
    assert deployment.options.ignore_changes == ("spec.replicas",)
    assert deployment in graph.dependencies(graph.one("HorizontalPodAutoscaler"))
    scaler = graph.one("HorizontalPodAutoscaler").inputs["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 5)


def test_the_autoscaler_scales_the_deployment(record: Recorder) -> None:
    graph = record.under_provider(samples.web("kubia", autoscaler={"max_replicas": 5}))
    deployment = graph.one("Deployment").inputs
    assert graph.one("HorizontalPodAutoscaler").inputs["spec"]["scaleTargetRef"] == {
        "apiVersion": deployment["apiVersion"],
        "kind": deployment["kind"],
        "name": deployment["metadata"]["name"],
    }


@pytest.mark.parametrize(("given", "sent"), [({}, 1), ({"replicas": 3}, 3), ({"replicas": 0}, 0)])
def test_replicas_are_sent_when_nobody_else_scales(record: Recorder, given: Any, sent: int) -> None:
    deployment = record.under_provider(samples.web(**given)).one("Deployment").inputs
    assert deployment["spec"]["replicas"] == sent


def test_the_number_of_pods_is_followed_when_nobody_else_scales(record: Recorder) -> None:
    deployment = record.under_provider(samples.web(replicas=3)).one("Deployment")
    assert deployment.options.ignore_changes == ()


@pytest.mark.parametrize(
    ("args", "cause"),
    [
        ({"image": "kubia:v2"}, "image kubia:v2"),
        ({"change_cause": "new greeting"}, "new greeting"),
    ],
    ids=["the image", "as given"],
)
def test_each_revision_carries_its_change_cause(record: Recorder, args: Any, cause: str) -> None:
    deployment = record.under_provider(samples.web(**args)).one("Deployment").inputs
    assert deployment["metadata"]["annotations"]["kubernetes.io/change-cause"] == cause


@pytest.mark.parametrize("type_", ["ClusterIP", "NodePort", "LoadBalancer"])
def test_only_a_load_balancer_is_worth_waiting_for(record: Recorder, type_: str) -> None:
    service = record.under_provider(samples.web(service_type=type_)).one("Service").inputs
    skipped = "pulumi.com/skipAwait" in service["metadata"].get("annotations", {})
    assert skipped == (type_ != "LoadBalancer")


@pytest.mark.parametrize("replicas", [0, 1, 50])
def test_the_deployment_is_awaited_longer_than_its_release_may_take(
    record: Recorder, replicas: int
) -> None:
    strategy = {"min_ready_seconds": 20, "progress_deadline_seconds": 90}
    graph = record.under_provider(samples.web(replicas=replicas, strategy=strategy))
    deployment = graph.one("Deployment").inputs
    awaited = int(deployment["metadata"]["annotations"]["pulumi.com/timeoutSeconds"])
    assert awaited > deployment["spec"]["progressDeadlineSeconds"] == 90
    assert awaited > 20 * replicas


@pytest.mark.parametrize(
    ("args", "is_counted"),
    [
        ({"replicas": 3}, True),
        ({"replicas": 0}, False),
        ({"autoscaler": {"max_replicas": 5}}, False),
    ],
    ids=["fixed", "none", "autoscaled"],
)
def test_pulumi_counts_the_pods_where_their_number_is_fixed(
    record: Recorder, *, args: Any, is_counted: bool
) -> None:
    deployment = record.under_provider(samples.web(**args)).one("Deployment").inputs
    paths = json.loads(deployment["metadata"]["annotations"].get("pulumi.com/waitFor", "[]"))
    counts = ("updatedReplicas", "availableReplicas", "replicas")
    assert paths == [f"jsonpath={{.status.{count}}}=3" for count in counts if is_counted]


def test_a_pod_stops_later_than_its_last_request(record: Recorder) -> None:
    stopping = samples.web(pre_stop_seconds=7, longest_request_seconds=40)
    pod = pod_of(record.under_provider(stopping).one("Deployment").inputs)
    assert pod["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 7}}
    assert pod["terminationGracePeriodSeconds"] == 52


def test_readiness_asks_for_a_page_and_liveness_only_for_a_connection(record: Recorder) -> None:
    pod = pod_of(record.under_provider(samples.web(port=9000)).one("Deployment").inputs)
    (container,) = pod["containers"]
    assert container["readinessProbe"]["httpGet"] == {"path": "/", "port": 9000}
    assert container["livenessProbe"]["tcpSocket"] == {"port": 9000}


def test_a_rolling_update_loses_no_pod_by_default(record: Recorder) -> None:
    spec = record.under_provider(samples.web()).one("Deployment").inputs["spec"]
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }


def test_recreate_has_no_bounds_of_a_rolling_update(record: Recorder) -> None:
    graph = record.under_provider(samples.web(strategy={"type": "Recreate"}))
    assert graph.one("Deployment").inputs["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize(
    ("args", "url"),
    [
        ({}, "http://web.team.svc.cluster.local"),
        ({"service_port": 8000}, "http://web.team.svc.cluster.local:8000"),
    ],
    ids=["port 80", "another port"],
)
def test_the_url_is_the_services_own(record: Recorder, args: Any, url: str) -> None:
    graph = record.under_provider(samples.web(**args))
    outputs = graph.registered_outputs(graph.one("kubia:index:WebService"))
    assert (outputs["name"], outputs["url"]) == ("web", url)


def test_a_declared_node_port_is_in_the_service_and_an_output(record: Recorder) -> None:
    graph = record.under_provider(samples.web(service_type="NodePort", node_port=30123))
    assert graph.one("Service").inputs["spec"]["ports"][0]["nodePort"] == 30123
    outputs = graph.registered_outputs(graph.one("kubia:index:WebService"))
    assert outputs["nodePort"] == 30123


def test_the_environment_reaches_the_container(record: Recorder) -> None:
    graph = record.under_provider(samples.web(env={"B": "2", "A": "1"}))
    (container,) = pod_of(graph.one("Deployment").inputs)["containers"]
    assert container["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_an_image_of_another_resource_reaches_pod_and_change_cause(record: Recorder) -> None:
    graph = record.under_provider(samples.later(samples.web, image=lambda: computed("kubia:v9")))
    deployment = graph.one("Deployment")
    cause = ("metadata", "annotations", "kubernetes.io/change-cause")
    image = ("spec", "template", "spec", "containers", 0, "image")
    if record.preview:
        assert set(deployment.unknowns) == {cause, image}
    else:
        assert pod_of(deployment.inputs)["containers"][0]["image"] == "kubia:v9"
        annotations = deployment.inputs["metadata"]["annotations"]
        assert annotations["kubernetes.io/change-cause"] == "image kubia:v9"
    assert graph.one("Maker") in graph.dependencies(deployment)


# Secrets


def with_secret(record: Recorder, value: Callable[[], pulumi.Input[str]] = lambda: SECRET) -> Graph:
    def declare(opts: pulumi.ResourceOptions) -> None:
        samples.web("web", secret_env={"TOKEN": value()})(opts)

    return record.under_provider(declare)


VALUES: dict[str, Callable[[], pulumi.Input[str]]] = {
    "plain": lambda: SECRET,
    "an Output": lambda: pulumi.Output.from_input(SECRET),
    "a secret Output": lambda: pulumi.Output.secret(SECRET),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_secret_stands_nowhere_in_plain_sight(
    record: Recorder, value: Callable[[], pulumi.Input[str]]
) -> None:
    graph = with_secret(record, value)
    assert graph.one("Secret").inputs["stringData"] == {"TOKEN": SECRET}
    assert graph.in_plain_sight(SECRET) == []


def test_a_secret_is_never_in_the_pods_own_text(record: Recorder) -> None:
    deployment = with_secret(record).one("Deployment").inputs
    assert SECRET not in json.dumps(deployment)
    assert "env" not in pod_of(deployment)["containers"][0]


def test_the_pod_takes_the_secret_by_its_name(record: Recorder) -> None:
    graph = with_secret(record)
    (container,) = pod_of(graph.one("Deployment").inputs)["containers"]
    name = graph.one("Secret").inputs["metadata"]["name"]
    assert container["envFrom"] == [{"secretRef": {"name": name}}]
    assert graph.one("Secret") in graph.dependencies(graph.one("Deployment"))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_changed_secret_is_a_new_immutable_object_and_a_resource_of_its_own(
    record: Recorder, value: Callable[[], pulumi.Input[str]]
) -> None:
    before = with_secret(record, value).one("Secret")
    after = with_secret(record, lambda: pulumi.Output.secret("battery staple")).one("Secret")
    for version in (before, after):
        assert version.name == version.inputs["metadata"]["name"]
        assert [alias["spec"]["name"] for alias in version.options.aliases] == ["web-env"]
        assert not version.options.retain_on_delete
        assert version.inputs["immutable"] is True
    assert before.urn != after.urn


def test_the_same_secret_as_text_and_as_an_output_is_the_same_resource(record: Recorder) -> None:
    assert len({with_secret(record, VALUES[how]).one("Secret").urn for how in VALUES}) == 1


def test_the_name_of_a_secret_is_no_secret(record: Recorder) -> None:
    graph = with_secret(record)
    assert graph.one("Secret").inputs["metadata"]["name"].startswith("web-env-")
    assert graph.one("Deployment").secrets == ()


def test_a_secret_that_another_resource_makes_is_declared_once_it_is_known(
    record: Recorder,
) -> None:
    graph = with_secret(record, lambda: computed(SECRET))
    secrets = [each for each in graph.kubernetes if each.type.endswith(":Secret")]
    name = ("spec", "template", "spec", "containers", 0, "envFrom", 0, "secretRef", "name")
    assert (name in graph.one("Deployment").unknowns) == record.preview
    assert len(secrets) == (0 if record.preview else 1)
    assert all(("stringData",) in each.secrets for each in secrets)
    assert all(each in graph.dependencies(graph.one("Deployment")) for each in secrets)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_protected_is_what_serves_and_nothing_that_a_release_may_remove(
    record: Recorder, value: Callable[[], pulumi.Input[str]]
) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        opts.protect = True
        samples.web("web", **{**samples.FULL_WEB, "secret_env": {"TOKEN": value()}})(opts)

    graph = record.under_provider(declare)
    protected = {r.type.rpartition(":")[2] for r in graph if r.options.protect}
    assert protected == {"WebService", "Service"}
    assert len(graph.kubernetes) == 9
