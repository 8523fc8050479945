"""Who reads a web service's metrics: a ServiceMonitor, or annotations of the Service."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kubia.errors import Problem, refuse
from kubia.manifests.addresses import path_problems
from kubia.manifests.meta import Meta
from kubia.manifests.names import labels_problems
from kubia.manifests.ports import HTTP, References
from kubia.manifests.values import Object, Spec, without_none

API_VERSION = "monitoring.coreos.com/v1"
KIND = "ServiceMonitor"
_DURATION = re.compile(
    "(?=.)([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?"
)
_DAY = 86_400_000
_UNITS = {
    "y": 365 * _DAY,
    "w": 7 * _DAY,
    "d": _DAY,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
"""Milliseconds in each unit, as Prometheus counts them."""


@dataclass(frozen=True, kw_only=True)
class Monitor(Spec):
    """How Prometheus reads the metrics of each pod."""

    type: Literal["ServiceMonitor", "Annotations"] = "ServiceMonitor"
    """`ServiceMonitor`: an object for the Prometheus operator. `Annotations`: of the Service
    (prometheus.io/scrape, port, path), for a Prometheus that looks for them."""
    port: str = HTTP
    """Name of the port."""
    path: str = "/metrics"
    """Path of the metrics."""
    interval: str | None = None
    """Time between two readings, such as 30s; Prometheus' own if unset."""
    scrape_timeout: str | None = None
    """Time that a reading may take, at most the interval; Prometheus' own if unset."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels of the ServiceMonitor, by which a Prometheus selects it."""

    def __post_init__(self) -> None:
        """Check path and durations, and that annotations are asked for no more than they say."""
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from path_problems(("path",), self.path)
        yield from labels_problems("labels", self.labels)
        given = {"interval": self.interval, "scrapeTimeout": self.scrape_timeout}
        for name, text in given.items():
            if text is not None and not _DURATION.fullmatch(text):
                yield Problem((name,), f"is {text!r}; must be a duration such as 30s or 1m30s")
        if _milliseconds(self.scrape_timeout or "") > _milliseconds(self.interval or "") > 0:
            text = f"is {self.scrape_timeout}, more than the interval, {self.interval}; lower it"
            yield Problem(("scrapeTimeout",), text, ("interval",))
        for name, value in {**given, "labels": self.labels or None}.items():
            if value is not None and self.type == "Annotations":
                text = "is given, but type is Annotations, which cannot say it; leave it out"
                yield Problem((name,), text, ("type",))

    def references(self) -> References:
        """Yield the names of ports."""
        yield ("monitor", "port"), self.port

    def annotations(self, container_port: int) -> dict[str, str]:
        """Return the annotations of the Service."""
        if self.type != "Annotations":
            return {}
        return {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(container_port),
            "prometheus.io/path": self.path,
        }


def _milliseconds(duration: str) -> int:
    return sum(
        int(count) * _UNITS[unit] for count, unit in re.findall("([0-9]+)([a-z]+)", duration)
    )


def service_monitor(meta: Meta, spec: Monitor) -> Object:
    """Return the ServiceMonitor of the Service."""
    metadata = meta.metadata()
    endpoint = {
        "port": spec.port,
        "path": spec.path,
        "interval": spec.interval,
        "scrapeTimeout": spec.scrape_timeout,
    }
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {**metadata, "labels": {**spec.labels, **metadata["labels"]}},
        "spec": {
            "selector": {"matchLabels": meta.selector},
            "endpoints": [without_none(endpoint)],
        },
    }
