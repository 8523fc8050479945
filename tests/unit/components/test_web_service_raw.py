"""WebService: what `raw` adds to its objects, where more than a field of one comes of it."""

from typing import Any

import pulumi
import pytest

from tests.unit import samples
from tests.unit.programs import Graph, Recorder


def declared(record: Recorder, **changes: Any) -> Graph:
    return record.under_provider(samples.web(**changes))


def test_what_is_removed_of_an_account_is_left_to_the_server(record: Recorder) -> None:
    added = {"serviceAccount": {"automountServiceAccountToken": None}}
    account = declared(record, pod={"service_account": {}}, raw=added).one("ServiceAccount")
    assert "automountServiceAccountToken" not in account.inputs


UNDECLARED = {
    "configMap": "files",
    "horizontalPodAutoscaler": "autoscaler",
    "httpRoute": "route",
    "ingress": "ingress",
    "networkPolicy": "networkPolicy",
    "persistentVolumeClaim": "a claim in pod.volumes",
    "podDisruptionBudget": "disruptionBudget",
    "secret": "secretEnv or secretFiles",
    "serviceAccount": "pod.serviceAccount",
    "serviceMonitor": "monitor, of type ServiceMonitor",
}
"""What declares each object that a service may be without."""


@pytest.mark.parametrize(("kind", "field"), UNDECLARED.items())
def test_what_is_added_to_an_object_that_is_not_declared_is_refused(
    record: Recorder, kind: str, field: str
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        declared(record, raw={kind: {"metadata": {"labels": {"team": "shop"}}}})
    assert str(caught.value) == (
        f"WebService 'web': raw.{kind}: adds to an object that is not declared; "
        f"declare {field}, or leave it out"
    )


def test_a_monitor_by_annotations_is_no_object(record: Recorder) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        declared(record, monitor={"type": "Annotations"}, raw={"serviceMonitor": {}})
    assert "raw.serviceMonitor: adds to an object that is not declared" in str(caught.value)


@pytest.mark.parametrize("declare", [samples.job, samples.cron_job])
def test_so_it_is_of_a_task(record: Recorder, declare: Any) -> None:
    kinds = ("serviceAccount", "secret", "persistentVolumeClaim", "configMap")
    with pytest.raises(pulumi.RunError) as caught:
        record.under_provider(declare(raw={kind: {} for kind in kinds}))
    assert all(f"raw.{kind}: adds to an object that is not" in str(caught.value) for kind in kinds)


def test_a_filter_of_a_route_leaves_the_weights_of_a_canary(record: Recorder) -> None:
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "log"}}}
    graph = declared(
        record,
        route={"parent_refs": [{"name": "gw"}]},
        strategy={"type": "Canary", "canary_image": "kubia:v2", "canary_weight": 10},
        raw={"httpRoute": {"spec": {"rules": [{"filters": [mirror]}]}}},
    )
    (rule,) = graph.one("HTTPRoute").inputs["spec"]["rules"]
    assert rule["filters"] == [mirror]
    assert {each["name"]: each["weight"] for each in rule["backendRefs"]} == {
        "web": 90,
        "web-canary": 10,
    }
