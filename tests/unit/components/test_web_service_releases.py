"""BlueGreen, Canary and pause: which versions run, and which of them the Service reaches."""

from typing import Any

import pulumi
import pytest

from kubia.errors import InvalidError
from tests.unit import samples
from tests.unit.objects import pod_labels, pod_of, selects
from tests.unit.programs import Graph, Recorder


def released(record: Recorder, strategy: dict[str, Any], **more: Any) -> Graph:
    return record.under_provider(samples.web("kubia", strategy=strategy, replicas=3, **more))


def images(graph: Graph) -> dict[str, str]:
    """Return the image of each Deployment by its name."""
    return {
        r.inputs["metadata"]["name"]: pod_of(r.inputs)["containers"][0]["image"]
        for r in graph.all("Deployment")
    }


def served(graph: Graph) -> set[str]:
    """Return the names of the Deployments whose pods the Service reaches."""
    selector = graph.one("Service").inputs["spec"]["selector"]
    deployments = [r.inputs for r in graph.all("Deployment")]
    return {d["metadata"]["name"] for d in deployments if selects(selector, pod_labels(d))}


BLUE = {"type": "BlueGreen", "active": "blue"}
BOTH = {**BLUE, "idle_image": "kubia:v0"}
CANARY = {"type": "Canary", "canary_image": "kubia:v2", "canary_replicas": 1}
BESIDE = {"BlueGreen": BOTH, "Canary": CANARY}


@pytest.mark.parametrize("strategy", BESIDE.values(), ids=BESIDE)
def test_no_release_selects_the_pods_of_another(record: Recorder, strategy: dict[str, Any]) -> None:
    deployments = [r.inputs for r in released(record, strategy).all("Deployment")]
    assert len(deployments) == 2
    for one in deployments:
        selector = one["spec"]["selector"]["matchLabels"]
        assert [d for d in deployments if selects(selector, pod_labels(d))] == [one]


@pytest.mark.parametrize("strategy", BESIDE.values(), ids=BESIDE)
def test_every_release_carries_its_own_change_cause(
    record: Recorder, strategy: dict[str, Any]
) -> None:
    graph = released(record, strategy)
    causes = {
        r.inputs["metadata"]["name"]: r.inputs["metadata"]["annotations"][
            "kubernetes.io/change-cause"
        ]
        for r in graph.all("Deployment")
    }
    assert causes == {name: f"image {image}" for name, image in images(graph).items()}


@pytest.mark.parametrize("strategy", BESIDE.values(), ids=BESIDE)
def test_a_change_cause_is_that_of_the_release_alone_even_of_the_same_image(
    record: Recorder, strategy: dict[str, Any]
) -> None:
    beside = {"BlueGreen": "idle_image", "Canary": "canary_image"}[strategy["type"]]
    same = {**strategy, beside: samples.LEAST_WEB["image"]}
    graph = released(record, same, change_cause="try the new greeting")
    causes = {
        r.name: r.inputs["metadata"]["annotations"]["kubernetes.io/change-cause"]
        for r in graph.all("Deployment")
    }
    assert len(causes) == 2
    assert causes.pop("kubia-blue" if "active" in strategy else "kubia") == "try the new greeting"
    assert [*causes.values()] == ["image kubia:v1"]


def test_blue_green_serves_the_active_colour_alone(record: Recorder) -> None:
    graph = released(record, BOTH)
    assert images(graph) == {"kubia-blue": "kubia:v1", "kubia-green": "kubia:v0"}
    assert served(graph) == {"kubia-blue"}


def test_without_an_idle_image_the_other_colour_goes(record: Recorder) -> None:
    assert images(released(record, BLUE)) == {"kubia-blue": "kubia:v1"}


def test_a_switch_of_colours_changes_the_service_and_no_pod(record: Recorder) -> None:
    before = released(record, BOTH)
    strategy = {"type": "BlueGreen", "active": "green", "idle_image": "kubia:v1"}
    after = released(record, strategy, image="kubia:v0")
    assert images(after) == images(before)
    assert served(after) == {"kubia-green"}
    for deployment in before.all("Deployment"):
        assert after.at(deployment.urn).inputs["spec"] == deployment.inputs["spec"]


def test_the_service_switches_only_when_the_colour_it_switches_to_is_ready(
    record: Recorder,
) -> None:
    graph = released(record, BOTH)
    service, blue = graph.one("Service"), graph.one("Deployment", "kubia-blue")
    assert blue in graph.dependencies(service)


EVERY = {"RollingUpdate": {}, "Recreate": {"type": "Recreate"}, **BESIDE}


@pytest.mark.parametrize("strategy", EVERY.values(), ids=EVERY)
def test_what_the_service_goes_to_is_before_it_and_what_it_may_leave_after_it(
    record: Recorder, strategy: dict[str, Any]
) -> None:
    graph = released(record, strategy)
    service = graph.one("Service")
    goes_to = served(graph)
    before = {r.name for r in graph.dependencies(service)}
    after = {r.name for r in graph.all("Deployment") if service in graph.dependencies(r)}
    assert goes_to
    assert before == goes_to
    assert after == images(graph).keys() - goes_to


@pytest.mark.parametrize("strategy", [{}, {"type": "Recreate"}, CANARY])
@pytest.mark.parametrize("colours", [BLUE, BOTH])
def test_neither_colours_nor_rolling_pods_get_requests_before_the_switch(
    record: Recorder, strategy: dict[str, Any], colours: dict[str, Any]
) -> None:
    rolling, coloured = released(record, strategy), released(record, colours)
    for one, other in ((rolling, coloured), (coloured, rolling)):
        selector = one.one("Service").inputs["spec"]["selector"]
        labels = [pod_labels(r.inputs) for r in other.all("Deployment")]
        assert not any(selects(selector, each) for each in labels)


def test_a_canary_that_fails_stops_a_release_before_the_stable_one_is_touched(
    record: Recorder,
) -> None:
    graph = released(record, CANARY)
    stable, canary = (graph.one("Deployment", name) for name in ("kubia", "kubia-canary"))
    assert canary in graph.dependencies(stable)


def test_a_pause_holds_the_stable_release_alone(record: Recorder) -> None:
    graph = released(record, {**CANARY, "paused": True})
    paused = {r.name: r.inputs["spec"].get("paused", False) for r in graph.all("Deployment")}
    assert paused == {"kubia": True, "kubia-canary": False}


def test_colours_cannot_be_paused(record: Recorder) -> None:
    with pytest.raises(InvalidError) as caught:
        released(record, {**BLUE, "paused": True})
    assert str(caught.value) == (
        "WebService 'kubia': strategy.paused: is true, but type is BlueGreen, whose switch waits "
        "for a rollout; leave it out"
    )


def test_a_canary_serves_beside_the_stable_release(record: Recorder) -> None:
    graph = released(record, CANARY)
    assert images(graph) == {"kubia": "kubia:v1", "kubia-canary": "kubia:v2"}
    assert served(graph) == {"kubia", "kubia-canary"}
    rels = {r.name: pod_labels(r.inputs)["rel"] for r in graph.all("Deployment")}
    assert rels == {"kubia": "stable", "kubia-canary": "canary"}
    replicas = {r.name: r.inputs["spec"]["replicas"] for r in graph.all("Deployment")}
    assert replicas == {"kubia": 3, "kubia-canary": 1}


def test_a_canary_comes_and_goes_without_touching_the_stable_release(record: Recorder) -> None:
    without = released(record, {"type": "Canary"})
    stable = without.one("Deployment")
    assert released(record, CANARY).at(stable.urn).inputs == stable.inputs
    # Nor does a change from and to the plainest strategy.
    assert released(record, {}).at(stable.urn).inputs == stable.inputs


def test_a_budget_counts_the_pods_of_every_release(record: Recorder) -> None:
    graph = released(record, CANARY, disruption_budget={})
    selector = graph.one("PodDisruptionBudget").inputs["spec"]["selector"]["matchLabels"]
    assert [r for r in graph.all("Deployment") if not selects(selector, pod_labels(r.inputs))] == []


def test_a_large_canary_is_awaited_as_long_as_it_may_take(record: Recorder) -> None:
    strategy = {**CANARY, "canary_replicas": 50, "min_ready_seconds": 20}
    canary = released(record, strategy).one("Deployment", "kubia-canary").inputs
    awaited = int(canary["metadata"]["annotations"]["pulumi.com/timeoutSeconds"])
    assert awaited > 50 * 20


def test_nothing_waits_for_a_paused_rollout(record: Recorder) -> None:
    deployment = released(record, {"paused": True}).one("Deployment").inputs
    assert deployment["spec"]["paused"] is True
    assert deployment["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def test_a_rollout_that_is_not_paused_is_awaited(record: Recorder) -> None:
    deployment = released(record, {"paused": False}).one("Deployment").inputs
    assert "paused" not in deployment["spec"]
    assert "pulumi.com/skipAwait" not in deployment["metadata"]["annotations"]


@pytest.mark.parametrize("strategy", BESIDE.values(), ids=BESIDE)
def test_every_release_takes_the_same_secret(record: Recorder, strategy: dict[str, Any]) -> None:
    graph = released(record, strategy, secret_env={"TOKEN": "s3cret"})
    name = graph.one("Secret").inputs["metadata"]["name"]
    taken = [pod_of(r.inputs)["containers"][0]["envFrom"] for r in graph.all("Deployment")]
    assert taken == [[{"secretRef": {"name": name}}]] * 2
    assert graph.in_plain_sight("s3cret") == []


def test_a_name_that_is_too_long_for_its_canary_is_a_mistake_shown_as_any_other(
    record: Recorder,
) -> None:
    name = "k" * 60
    with pytest.raises(InvalidError) as caught:
        record.under_provider(samples.web(name, strategy=CANARY))
    assert isinstance(caught.value, pulumi.RunError)
    assert str(caught.value) == (
        f"WebService '{name}': name: '{name}-canary' has 67 characters; at most 63 are allowed"
    )


# A canary with a weight

ROUTE = {"parent_refs": [{"name": "gw"}]}
WEIGHED = {**CANARY, "canary_weight": 10}


def weighed(record: Recorder, **more: Any) -> Graph:
    return released(record, WEIGHED, route=ROUTE, **more)


def test_a_canary_with_a_weight_has_a_service_of_its_own(record: Recorder) -> None:
    graph = weighed(record)
    main, own = (graph.one("Service", name).inputs for name in ("kubia", "kubia-canary"))
    pods = {r.name: pod_labels(r.inputs) for r in graph.all("Deployment")}
    for service, name in ((main, "kubia"), (own, "kubia-canary")):
        selector = service["spec"]["selector"]
        assert [it for it, labels in pods.items() if selects(selector, labels)] == [name]
    (rule,) = graph.one("HTTPRoute").inputs["spec"]["rules"]
    shares = {ref["name"]: ref["weight"] for ref in rule["backendRefs"]}
    assert shares == {"kubia": 90, "kubia-canary": 10}


def test_a_weight_changes_neither_the_service_nor_the_stable_release(record: Recorder) -> None:
    plain, heavy = released(record, CANARY, route=ROUTE), weighed(record)
    for kind in ("Service", "Deployment"):
        assert heavy.one(kind, "kubia").inputs == plain.one(kind, "kubia").inputs


def test_the_service_of_a_canary_is_the_clusters_alone(record: Recorder) -> None:
    outside = {
        **samples.OUTSIDE,
        "service_type": "NodePort",
        "node_port": 30123,
        "service_port": 8000,
        "monitor": {"type": "Annotations", "port": "metrics"},
    }
    graph = released(record, WEIGHED, **outside)
    own = graph.one("Service", "kubia-canary").inputs
    assert own["spec"] == {
        "type": "ClusterIP",
        "selector": {"app": "kubia", "app.kubernetes.io/instance": "kubia-canary"},
        "ports": [
            {
                "name": "http",
                "port": 8000,
                "targetPort": "http",
                "protocol": "TCP",
                "appProtocol": "kubernetes.io/h2c",
            },
            {"name": "dns", "port": 5353, "targetPort": "dns", "protocol": "UDP"},
            {
                "name": "metrics",
                "port": 9100,
                "targetPort": "metrics",
                "protocol": "TCP",
                "appProtocol": "http",
            },
        ],
    }
    assert own["metadata"]["annotations"] == {
        "pulumi.com/patchFieldManager": "kubia",
        "pulumi.com/timeoutSeconds": "60",
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9100",
        "prometheus.io/path": "/metrics",
    }


def test_who_reads_the_metrics_reads_those_of_a_canary_with_a_weight(record: Recorder) -> None:
    graph = weighed(record, monitor={})
    selector = graph.one("ServiceMonitor").inputs["spec"]["selector"]["matchLabels"]
    services = [r.inputs["metadata"] for r in graph.all("Service")]
    assert [it["name"] for it in services if selects(selector, it["labels"])] == [
        "kubia",
        "kubia-canary",
    ]


def test_a_route_leads_to_a_canary_once_it_serves(record: Recorder) -> None:
    graph = weighed(record)
    main, own = (graph.one("Service", name) for name in ("kubia", "kubia-canary"))
    canary = graph.one("Deployment", "kubia-canary")
    leading = graph.dependencies(graph.one("HTTPRoute"))
    assert main in leading
    assert own in leading
    assert canary in graph.dependencies(own)
    # It may be leaving the Service, whose other pods are ready before.
    assert main in graph.dependencies(canary)
    assert graph.one("Deployment", "kubia") in graph.dependencies(main)


def test_what_protects_a_service_does_not_hold_its_canary_s(record: Recorder) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=True))
        samples.web("kubia", strategy=WEIGHED, route=ROUTE)(kept)

    graph = record.under_provider(declare)
    protected = {r.name for r in graph.all("Service") if r.options.protect}
    assert protected == {"kubia"}
