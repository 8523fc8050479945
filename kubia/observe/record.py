"""What was seen of a release over time, and the series that a picture draws of it."""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kubia.live.replica_sets import PodGroup
from kubia.observe import probe
from kubia.observe.probe import Answer

COLUMNS = 120
"""The picture shows at most so many stretches of time, each of a whole number of seconds."""


class ResponseSample(NamedTuple):
    """An answer, so many seconds after the record began."""

    at: float
    answer: Answer


class PodSample(NamedTuple):
    """The pods, so many seconds after the record began."""

    at: float
    groups: tuple[PodGroup, ...]


class Mark(NamedTuple):
    """A step of the release, so many seconds after the record began."""

    at: float
    text: str


class PodState(NamedTuple):
    """What pods of one version may be."""

    version: str
    state: str


STATES = ("ready", "not ready", "going")


@dataclass
class Record:
    """Answers, pods and steps of one release; threads add to it while it goes on."""

    answers: list[ResponseSample] = field(default_factory=list)
    """In no order: each stands at when it was due, and is added when it is known."""
    pod_samples: list[PodSample] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it goes on, at least 1."""
        answers = (item.at for item in self.answers)
        return max(1.0, *answers, *(seen[-1].at for seen in (self.pod_samples, self.marks) if seen))

    def failed(self) -> int:
        """How many requests have failed."""
        return sum(item.answer.is_error for item in self.answers)


@dataclass(frozen=True)
class Rates:
    """Requests a second by version, and those that failed; `edges` bound the stretches of time."""

    edges: list[float]
    answered: dict[str, list[float]]
    failed: list[float]


@dataclass(frozen=True)
class Pods:
    """Pods by version and state; `edges` bound the stretches of time."""

    edges: list[float]
    counts: dict[PodState, list[int]]


def rates(record: Record) -> Rates:
    """Return the requests a second; those of a version that failed count as failed alone.

    What is left of time after the last whole stretch belongs to it.
    """
    width = math.ceil(record.seconds / COLUMNS)
    columns = max(int(record.seconds / width), 1)
    edges = [*(float(width * column) for column in range(columns)), record.seconds]
    answered: dict[str, list[float]] = {}
    failed = [0.0] * columns
    names = probe.versions([item.answer for item in record.answers])
    for (at, answer), name in zip(record.answers, names, strict=True):
        column = min(int(at / width), columns - 1)
        row = failed if answer.is_error else answered.setdefault(name, [0.0] * columns)
        row[column] += 1 / (edges[column + 1] - edges[column])
    return Rates(edges, answered, failed)


def pods(record: Record) -> Pods:
    """Return the pods of the Deployments that changed, or of all if none did.

    What the first sample shows is taken to have been so from the beginning.
    """
    rows = _rows(record)
    edges = [0.0, *(sample.at for sample in record.pod_samples[1:]), record.seconds]
    counts: dict[PodState, list[int]] = {}
    for version in _oldest_first(rows):
        for state in STATES:
            numbers = [sum(_count(g, state) for g in row if g.version == version) for row in rows]
            if any(numbers):
                counts[PodState(version, state)] = numbers
    return Pods(edges if rows else [], counts)


def declared(record: Record) -> list[str]:
    """Return the versions that Deployments declared, in that order; none that was ending before."""
    return list(
        dict.fromkeys(group.version for row in _rows(record) for group in row if group.is_new)
    )


def versions(record: Record) -> list[str]:
    """Return the versions that pods were of or that answered, in the order of being seen."""
    of_pods = [state.version for state in pods(record).counts]
    return list(dict.fromkeys((*of_pods, *rates(record).answered)))


def _rows(record: Record) -> list[list[PodGroup]]:
    """Return the pods of the Deployments that changed, or of all if none did, sample by sample."""
    changed = set(_changed(record))
    return [
        [group for group in sample.groups if group.deployment in changed or not changed]
        for sample in record.pod_samples
    ]


def _changed(record: Record) -> Iterator[str]:
    seen: dict[str, set[tuple[PodGroup, ...]]] = defaultdict(set)
    names = {group.deployment for sample in record.pod_samples for group in sample.groups}
    for sample, name in itertools.product(record.pod_samples, names):
        seen[name].add(tuple(group for group in sample.groups if group.deployment == name))
    return (name for name, states in seen.items() if len(states) > 1)


def _oldest_first(rows: list[list[PodGroup]]) -> list[str]:
    """Return the versions in the order in which Deployments declared them.

    What was never declared while somebody looked comes first: it was ending when that began.
    """
    new = dict.fromkeys(group.version for row in rows for group in row if group.is_new)
    seen = dict.fromkeys(group.version for row in rows for group in row)
    return [*(version for version in seen if version not in new), *new]


def _count(group: PodGroup, state: str) -> int:
    if state == "going":
        return group.going
    return group.ready if state == "ready" else group.replicas - group.ready
