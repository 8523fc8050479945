"""kubia.manifests.monitoring: who reads the metrics, and by what."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubia.errors import InvalidError
from kubia.manifests import web_service
from kubia.manifests.meta import Meta
from kubia.manifests.monitoring import Monitor, service_monitor
from kubia.manifests.parse import parse
from kubia.manifests.web_service import WebService

META = Meta(name="web", namespace="team", component="web")


def test_a_monitor_reads_the_port_of_the_one_service() -> None:
    given = {"port": "metrics", "path": "/m", "interval": "30s", "scrapeTimeout": "25s"}
    monitor = service_monitor(META, parse(Monitor, {**given, "labels": {"release": "prometheus"}}))
    service = web_service.service(META, WebService(image="kubia:v1"))
    assert monitor["spec"] == {
        "selector": {"matchLabels": META.selector},
        "endpoints": [given],
    }
    assert META.selector.items() <= service["metadata"]["labels"].items()
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert (monitor["apiVersion"], monitor["kind"]) == (
        "monitoring.coreos.com/v1",
        "ServiceMonitor",
    )


@pytest.mark.parametrize(("name", "number"), [("http", "8080"), ("metrics", "9090")])
def test_annotations_name_the_containers_port(name: str, number: str) -> None:
    spec = parse(
        WebService,
        {
            "image": "kubia:v1",
            "ports": {"metrics": {"port": 9090, "servicePort": 9999}},
            "monitor": {"type": "Annotations", "port": name},
        },
    )
    annotations = web_service.service(META, spec)["metadata"]["annotations"]
    assert {key: value for key, value in annotations.items() if "prometheus" in key} == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": number,
        "prometheus.io/path": "/metrics",
    }


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a path that begins nowhere": ({"path": "metrics"}, "path: is 'metrics'; must begin with '/'"),
    "times that are none": (
        {"interval": "30", "scrapeTimeout": ""},
        (
            "interval: is '30'; must be a duration such as 30s or 1m30s\n"
            "scrapeTimeout: is ''; must be a duration such as 30s or 1m30s"
        ),
    ),
    "a label with a space": (
        {"labels": {"release": "a b"}},
        (
            "labels.release: 'a b' is not a label value; use letters, digits, '-', '_' and '.', "
            "and begin and end with a letter or digit"
        ),
    ),
    "what annotations cannot say": (
        {"type": "Annotations", "interval": "30s", "scrapeTimeout": "9s", "labels": {"a": "b"}},
        (
            "interval: is given, but type is Annotations, which cannot say it; leave it out\n"
            "scrapeTimeout: is given, but type is Annotations, which cannot say it; leave it out\n"
            "labels: is given, but type is Annotations, which cannot say it; leave it out"
        ),
    ),
    "a reading longer than the time between two": (
        {"interval": "1m", "scrapeTimeout": "1m1s"},
        "scrapeTimeout: is 1m1s, more than the interval, 1m; lower it",
    ),
    "a type that is none": (
        {"type": "PodMonitor"},
        "type: is 'PodMonitor'; must be 'ServiceMonitor' or 'Annotations'",
    ),
}


@pytest.mark.parametrize(("fields", "text"), REFUSED.values(), ids=REFUSED)
def test_a_monitor_refuses(fields: Mapping[str, Any], text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(Monitor, fields)
    assert str(caught.value) == text
