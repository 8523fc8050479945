"""kubia.manifests.scaling: what an autoscaler aims at, and how fast it goes there."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests.meta import Meta
from kubia.manifests.parse import parse
from kubia.manifests.scaling import Autoscaler, autoscaler
from kubia.manifests.web_service import WebService
from tests.unit.objects import schema_problems

META = Meta(name="web", namespace="team", component="web")
INGRESS = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "web"}


def of(**fields: Any) -> dict[str, Any]:
    manifest = autoscaler(META, parse(Autoscaler, {"maxReplicas": 4, **fields}))
    assert schema_problems(manifest) == []
    spec: dict[str, Any] = manifest["spec"]
    return spec


def use(resource: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


PODS = {"type": "Pods", "name": "rps", "averageValue": "100"}


@pytest.mark.parametrize(
    ("given", "aims"),
    [
        ({}, [use("cpu", 80)]),
        ({"cpuPercent": 50}, [use("cpu", 50)]),
        ({"memoryPercent": 70}, [use("memory", 70)]),
        ({"cpuPercent": 50, "memoryPercent": 70}, [use("cpu", 50), use("memory", 70)]),
    ],
    ids=["nothing", "CPU", "memory", "both"],
)
def test_it_aims_at_cpu_where_nothing_else_is_given(given: Any, aims: Any) -> None:
    assert of(**given)["metrics"] == aims


def test_metrics_of_its_own_stand_beside_percentages() -> None:
    whole = {"type": "Object", "name": "rps", "value": "1k", "describedObject": INGRESS}
    queue = {"name": "queue", "selector": {"matchLabels": {"a": "b"}}}
    outside = {"type": "External", "averageValue": "3", **queue}
    assert of(metrics=[PODS])["metrics"] == [
        {
            "type": "Pods",
            "pods": {
                "metric": {"name": "rps"},
                "target": {"type": "AverageValue", "averageValue": "100"},
            },
        }
    ]
    assert of(memoryPercent=70, metrics=[whole, outside])["metrics"] == [
        use("memory", 70),
        {
            "type": "Object",
            "object": {
                "describedObject": INGRESS,
                "metric": {"name": "rps"},
                "target": {"type": "Value", "value": "1k"},
            },
        },
        {
            "type": "External",
            "external": {
                "metric": queue,
                "target": {"type": "AverageValue", "averageValue": "3"},
            },
        },
    ]


def test_its_pace_is_said_as_far_as_it_is_given() -> None:
    down = {
        "stabilizationWindowSeconds": 60,
        "selectPolicy": "Min",
        "policies": [{"type": "Percent", "value": 10, "periodSeconds": 30}],
    }
    assert of(behavior={"scaleDown": down})["behavior"] == {"scaleDown": down}
    assert "behavior" not in of()


METRIC = "metrics[0]"
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "percentages out of bounds": (
        {"cpuPercent": 101, "memoryPercent": 0},
        "cpuPercent: is 101; must be from 1 to 100\nmemoryPercent: is 0; must be from 1 to 100",
    ),
    "a metric of no name": (
        {"metrics": [{**PODS, "name": "a/b"}]},
        f"{METRIC}.name: is 'a/b'; must be a name without '/' and '%'",
    ),
    "an object of pods": (
        {"metrics": [{**PODS, "describedObject": INGRESS}]},
        f"{METRIC}.describedObject: is given, but type is Pods; leave it out",
    ),
    "an object that is missing": (
        {"metrics": [{"type": "Object", "name": "rps", "value": "1"}]},
        f"{METRIC}.describedObject: is missing; type Object needs one",
    ),
    "the whole of pods": (
        {"metrics": [{"type": "Pods", "name": "rps", "value": "1"}]},
        f"{METRIC}: has value; type Pods needs averageValue alone",
    ),
    "two aims": (
        {"metrics": [{"type": "External", "name": "q", "value": "1", "averageValue": "1"}]},
        f"{METRIC}: has averageValue and value; give one of averageValue and value",
    ),
    "no aim": (
        {"metrics": [{"type": "External", "name": "q"}]},
        f"{METRIC}: has no target; give one of averageValue and value",
    ),
    "an aim that is none": (
        {"metrics": [{**PODS, "averageValue": "much"}]},
        (f"{METRIC}.averageValue: is 'much'; must be a quantity such as 50m, 0.5, 64Mi or 1Gi"),
    ),
    "a pace that never comes": (
        {
            "behavior": {
                "scaleUp": {
                    "stabilizationWindowSeconds": 3601,
                    "policies": [{"type": "Pods", "value": 0, "periodSeconds": 1801}],
                }
            }
        },
        (
            "behavior.scaleUp.policies[0].value: is 0; must be at least 1\n"
            "behavior.scaleUp.policies[0].periodSeconds: is 1801; must be from 1 to 1800\n"
            "behavior.scaleUp.stabilizationWindowSeconds: is 3601; must be from 0 to 3600"
        ),
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_an_autoscaler_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(Autoscaler, {"maxReplicas": 4, **fields})
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("resources", "beside", "who"),
    [
        ({"requests": {"cpu": "10m"}, "limits": {}}, {}, "nodejs"),
        ({}, {"requests": {"cpu": "10m"}, "limits": {}}, "proxy"),
    ],
    ids=["of the web server", "of a container beside it"],
)
def test_a_percentage_needs_the_requests_that_it_is_of(
    resources: Any, beside: Any, who: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(WebService, with_requests(resources, beside))
    assert str(caught.value) == (
        "autoscaler.memoryPercent: is a percentage of what is requested, but "
        f"{who} has no resources.requests.memory; set it"
    )


def test_a_sidecar_needs_them_too_and_what_ends_by_itself_does_not() -> None:
    wants = {"image": "kubia:v1", "autoscaler": {"maxReplicas": 4, "cpuPercent": 80}}
    first = {"name": "first", "image": "a:1", "resources": {"requests": {"memory": "8Mi"}}}
    assert parse(WebService, {**wants, "pod": {"initContainers": [first]}})
    with pytest.raises(InvalidError) as caught:
        parse(WebService, {**wants, "pod": {"initContainers": [{**first, **SIDECAR}]}})
    assert str(caught.value) == (
        "autoscaler.cpuPercent: is a percentage of what is requested, but "
        "first has no resources.requests.cpu; set it"
    )


def test_a_limit_is_a_request_too() -> None:
    limited = {"requests": {"cpu": "10m"}, "limits": {"memory": "1Gi"}}
    assert parse(WebService, with_requests(limited, limited)).resources.limits == {"memory": "1Gi"}


NO_CPU = {"requests": {"cpu": None}}
OF_RAW: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "taken away": ({"containers": [{"name": "nodejs", "resources": NO_CPU}]}, "nodejs"),
    "all taken away": ({"containers": [{"name": "nodejs", "resources": None}]}, "nodejs"),
    "none of another container": ({"containers": [{"name": "log", "image": "log:1"}]}, "log"),
    "none of a sidecar": (
        {"initContainers": [{"name": "log", "image": "log:1", "restartPolicy": "Always"}]},
        "log",
    ),
}


def with_raw(pod: Mapping[str, Any]) -> WebService:
    added = {"deployment": {"spec": {"template": {"spec": pod}}}}
    scaled = {"image": "kubia:v1", "autoscaler": {"maxReplicas": 4}, "podSecurity": "baseline"}
    return parse(WebService, {**scaled, "raw": added})


@pytest.mark.parametrize(("pod", "who"), OF_RAW.values(), ids=OF_RAW)
def test_what_is_added_by_raw_needs_them_too(pod: Mapping[str, Any], who: str) -> None:
    with pytest.raises(InvalidError) as caught:
        with_raw(pod)
    assert str(caught.value) == (
        "autoscaler.cpuPercent: is a percentage of what is requested, but "
        f"{who} has no resources.requests.cpu; set it"
    )


TAKEN: Mapping[str, Mapping[str, Any]] = {
    "with a request": {
        "containers": [{"name": "log", "image": "log:1", "resources": {"requests": {"cpu": "1m"}}}]
    },
    "with a limit": {
        "containers": [{"name": "log", "image": "log:1", "resources": {"limits": {"cpu": "1m"}}}]
    },
    "what ends by itself": {"initContainers": [{"name": "log", "image": "log:1"}]},
    "another field": {"containers": [{"name": "nodejs", "tty": True}]},
}


@pytest.mark.parametrize("pod", TAKEN.values(), ids=TAKEN)
def test_what_is_added_by_raw_and_can_be_counted_is_taken(pod: Mapping[str, Any]) -> None:
    assert with_raw(pod).autoscaler


def test_a_container_that_raw_deletes_needs_none() -> None:
    log = {"name": "log", "image": "log:1", "resources": {"requests": {}, "limits": {}}}
    deleted = {"containers": [{"name": "log", "$patch": "delete"}]}
    given = {"image": "kubia:v1", "autoscaler": {"maxReplicas": 4}, "pod": {"containers": [log]}}
    added = {"deployment": {"spec": {"template": {"spec": deleted}}}}
    assert parse(WebService, {**given, "raw": added}).autoscaler


SIDECAR = {"restartPolicy": "Always"}


def with_requests(resources: Any, beside: Any) -> dict[str, Any]:
    return {
        "image": "kubia:v1",
        "resources": resources,
        "pod": {"containers": [{"name": "proxy", "image": "proxy:1", "resources": beside}]},
        "autoscaler": {"maxReplicas": 4, "memoryPercent": 70},
    }
