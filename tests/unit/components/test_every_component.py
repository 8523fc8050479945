"""What holds for every component, with the least Args and with every option."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components import (
    CronJob,
    DriftCheck,
    Job,
    NginxOperator,
    NginxSite,
    NodeAgent,
    WebService,
)
from kubia.apply.api import FIELD_MANAGER
from kubia.errors import InvalidError
from kubia.mistakes import MistakeError
from kubia.program.monitor import Registered
from kubia.program.objects import CLUSTER_SCOPED
from tests.unit import samples
from tests.unit.objects import WORKLOADS, pod_labels
from tests.unit.programs import Graph, Recorder

COMPONENTS = {
    "WebService": WebService,
    "NginxSite": NginxSite,
    "NodeAgent": NodeAgent,
    "NginxOperator": NginxOperator,
    "DriftCheck": DriftCheck,
    "Job": Job,
    "CronJob": CronJob,
}

GUARDS = ("ClusterRole", "ValidatingAdmissionPolicy")
"""What a DriftCheck needs of the cluster: both kinds, and their bindings, lie in no namespace."""

every = pytest.mark.parametrize("declare", samples.EVERY.values(), ids=samples.EVERY)


def component_of(graph: Graph) -> Registered:
    return next(r for r in graph if r.type.startswith("kubia:index:"))


@every
def test_every_child_belongs_to_its_component(record: Recorder, declare: samples.Declare) -> None:
    graph = record.under_provider(declare)
    assert graph.kubernetes
    assert [r for r in graph.kubernetes if graph.parent(r) != component_of(graph)] == []


@every
def test_the_names_of_children_begin_with_their_components(
    record: Recorder, declare: samples.Declare
) -> None:
    graph = record.under_provider(declare)
    component = component_of(graph)
    assert [
        r.name for r in graph.children(component) if not r.name.startswith(component.name)
    ] == []


@every
def test_every_object_is_under_the_explicit_provider(
    record: Recorder, declare: samples.Declare
) -> None:
    graph = record.under_provider(declare)
    cluster = graph.one("pulumi:providers:kubernetes", "cluster")
    assert [r for r in graph.kubernetes if graph.provider(r) != cluster] == []


@every
def test_every_object_names_the_one_field_manager(
    record: Recorder, declare: samples.Declare
) -> None:
    graph = record.under_provider(declare)
    writers = [
        m["metadata"]["annotations"]["pulumi.com/patchFieldManager"] for m in graph.manifests
    ]
    assert set(writers) == {FIELD_MANAGER}


@every
def test_every_object_lies_in_the_namespace_that_is_asked_for_or_its_kind_in_none(
    record: Recorder, declare: samples.Declare
) -> None:
    graph = record.under_provider(declare)
    outside = [m for m in graph.manifests if m["kind"] in CLUSTER_SCOPED]
    assert [m for m in outside if "namespace" in m["metadata"]] == []
    inside = [m for m in graph.manifests if m not in outside]
    assert {m["metadata"]["namespace"] for m in inside} == {"team"}


@pytest.mark.parametrize("kind", COMPONENTS)
def test_only_a_drift_check_needs_objects_of_no_namespace(record: Recorder, kind: str) -> None:
    graph = record.under_provider(samples.FULL[kind])
    outside = {m["kind"] for m in graph.manifests if m["kind"] in CLUSTER_SCOPED}
    guarded = {f"{kind}{what}" for kind in GUARDS for what in ("", "Binding")}
    assert outside == (guarded if kind == "DriftCheck" else set())


@pytest.mark.parametrize("kind", COMPONENTS)
def test_the_outputs_of_the_class_are_what_is_registered(record: Recorder, kind: str) -> None:
    declared: list[pulumi.ComponentResource] = []
    graph = record.under_provider(lambda opts: declared.append(samples.FULL[kind](opts)))
    annotated = {
        field.replace("node_port", "nodePort") for field in COMPONENTS[kind].__annotations__
    }
    assert graph.registered_outputs(component_of(graph)).keys() == annotated


@pytest.mark.parametrize("kind", COMPONENTS)
def test_every_output_is_set_even_with_the_least_args(record: Recorder, kind: str) -> None:
    declared: list[pulumi.ComponentResource] = []
    record.under_provider(lambda opts: declared.append(samples.LEAST[kind](opts)))
    assert [type(getattr(declared[0], field)) for field in COMPONENTS[kind].__annotations__] == (
        [pulumi.Output] * len(COMPONENTS[kind].__annotations__)
    )


@pytest.mark.parametrize("kind", COMPONENTS)
def test_the_type_token_is_the_packages(record: Recorder, kind: str) -> None:
    graph = record.under_provider(samples.LEAST[kind])
    assert component_of(graph).type == f"kubia:index:{kind}"


@pytest.mark.parametrize("kind", COMPONENTS)
def test_a_component_without_a_provider_is_refused_where_default_ones_are_disabled(
    record: Recorder, kind: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        record(lambda: samples.LEAST[kind](pulumi.ResourceOptions()))
    refused = caught.value.problems[0]
    assert refused.startswith(
        "Default provider for 'kubernetes' disabled. 'urn:pulumi:test::kubia::"
    )
    assert refused.endswith("' must use an explicit provider.")


def test_where_default_providers_are_allowed_a_component_needs_no_explicit_one(
    record: Recorder,
) -> None:
    graph = record(
        lambda: samples.LEAST["WebService"](pulumi.ResourceOptions()),
        settings={"pulumi:disable-default-providers": []},
    )
    assert [graph.provider(r) for r in graph.kubernetes] == [None, None]


@every
def test_two_components_of_different_names_share_no_object(
    record: Recorder, declare: samples.Declare
) -> None:
    def both(opts: pulumi.ResourceOptions) -> None:
        declare(opts)
        samples.web("other", **samples.FULL_WEB)(opts)

    graph = record.under_provider(both)
    named = [(m["kind"], m["metadata"]["name"]) for m in graph.manifests]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("kind", COMPONENTS)
def test_a_mistake_names_the_component_and_comes_before_anything_is_declared(
    record: Recorder, kind: str
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        record.under_provider(
            samples.DECLARED[kind]("Bad", resources={"requests": {"cpu": "much"}})
        )
    assert str(caught.value) == (
        f"{kind} 'Bad': name: 'Bad' is not a DNS label; use lower-case letters, digits and '-', "
        "begin with a letter and end with a letter or digit\n"
        f"{kind} 'Bad': resources.requests.cpu: is 'much'; "
        "must be a quantity such as 50m, 0.5, 64Mi or 1Gi"
    )


@pytest.mark.parametrize("kind", COMPONENTS)
def test_an_option_that_is_none_counts_as_left_out(record: Recorder, kind: str) -> None:
    least = record.under_provider(samples.DECLARED[kind]())
    unset = record.under_provider(samples.DECLARED[kind](labels=None, resources=None))
    assert unset.manifests == least.manifests


@pytest.mark.parametrize("kind", COMPONENTS)
def test_the_label_by_which_requests_find_pods_is_kubias(record: Recorder, kind: str) -> None:
    with pytest.raises(MistakeError) as caught:
        record.under_provider(samples.DECLARED[kind](labels={"kubia.io/lane": "main"}))
    assert str(caught.value).endswith(
        ": labels: 'kubia.io/lane' is set by kubia, to whom requests go by it; choose another key"
    )


@every
def test_nothing_that_can_change_stands_in_a_selector(
    record: Recorder, declare: samples.Declare
) -> None:
    graph = record.under_provider(declare)
    keys: set[str] = set()
    for manifest in graph.manifests:
        selector = manifest.get("spec", {}).get("selector", {})
        keys |= selector.get("matchLabels", selector).keys()
    assert keys <= {"app", "app.kubernetes.io/instance", "kubia.io/lane"}
    # Jobs have selectors too, which the cluster makes.
    assert bool(keys) != any(m["kind"] in {"CronJob", "Job"} for m in graph.manifests)


@pytest.mark.parametrize("kind", COMPONENTS)
def test_the_selector_of_a_workload_stays_whatever_else_changes(
    record: Recorder, kind: str
) -> None:
    rel = {"rel": "canary"} if kind == "WebService" else {}
    before = record.under_provider(samples.DECLARED[kind]("x"))
    after = record.under_provider(
        samples.DECLARED[kind]("x", image="new:2", labels={"env": "prod"}, **rel)
    )
    assert [m["spec"].get("selector") for m in before.manifests if "spec" in m] == [
        m["spec"].get("selector") for m in after.manifests if "spec" in m
    ]


@every
@pytest.mark.parametrize("kind", ["WebService", "NginxOperator"])
def test_a_disruption_budget_counts_pods_of_its_own_component_alone(
    record: Recorder, kind: str, declare: samples.Declare
) -> None:
    graph = record.under_provider(samples.FULL[kind])
    budget = graph.one("PodDisruptionBudget").inputs
    selector = budget["spec"]["selector"]
    (own,) = selector["matchExpressions"]
    named = {"app": budget["metadata"]["name"]}
    assert selector["matchLabels"] == named
    assert own["operator"] == "In"

    for workload in record.under_provider(declare).manifests:
        if workload["kind"] in WORKLOADS:
            # As if the two were called the same.
            labels = {**pod_labels(workload), **named}
            is_own = labelled(budget) == labelled(workload)
            assert (labels[own["key"]] in own["values"]) == is_own


def labelled(manifest: Mapping[str, Any]) -> str:
    return str(manifest["metadata"]["labels"]["app.kubernetes.io/component"])
