"""`kubia status`: what runs of a stack, of which release, since when, and why not where not.

Whichever engine keeps the stack, what its program declares is looked up in the cluster.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from kubia import cluster, console
from kubia.actions.engine import Engine
from kubia.apply import diagnosis
from kubia.apply.api import Api, parallel, selector
from kubia.apply.connection import Connection, connect
from kubia.live import rollout
from kubia.local.cluster import is_simulated
from kubia.program import objects
from kubia.program.objects import Manifest
from kubia.releases import text
from kubia.releases.release import Release

SIMULATED = "the node is simulated: pods only seem to run, and no container answers"
CRON_JOB = "CronJob"
HEADS = ("", "NAME", "IMAGE", "RUNS SINCE", "STATE")


@dataclass(frozen=True)
class Part:
    """One workload of a stack, as it runs."""

    kind: str
    """What declares it: a component, such as WebService, or else its own kind."""
    name: str
    images: tuple[str, ...]
    since: str
    """When the oldest of its pods was made; empty if it has none."""
    state: str
    healthy: bool
    why: tuple[str, ...] = ()
    """Of one that is not healthy: what is known of its pods."""


def status(
    engine: Engine,
    *,
    as_json: bool,
    connect: Callable[[str], AbstractContextManager[Connection]] = connect,
) -> bool:
    """Print what runs of the engine's stack; return whether all of it is healthy."""
    session = engine.session
    declared = [
        manifest
        for manifest in objects.of_program(session.program)
        if manifest.key.kind in rollout.WORKLOADS | {CRON_JOB}
    ]
    with connect(session.cluster) as connection:
        parts = _parts(Api(connection), declared)
    if is_simulated(session.cluster):
        console.err(SIMULATED)
    release = next(iter(engine.history()[-1:]), None)
    healthy = all(part.healthy for part in parts)
    if as_json:
        summary = _as_json(session.stack.name, release, parts, healthy=healthy)
        console.out(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        for line in _lines(release, parts):
            console.out(line)
    return healthy


def _parts(api: Api, declared: Sequence[Manifest]) -> list[Part]:
    return parallel(lambda manifest: _part(api, manifest), declared)


def _part(api: Api, manifest: Manifest) -> Part:
    kind, name = _declarer(manifest), manifest.key.name
    live = api.get(manifest.key)
    if live is None:
        return Part(kind, name, (), "", "is not there", healthy=False)
    if manifest.key.kind == CRON_JOB:
        pod = live["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        return Part(kind, name, _images(pod), "", _runs(live), healthy=True)
    pod = live["spec"].get("template", {}).get("spec", {})
    labels = live["spec"].get("selector", {}).get("matchLabels") or {}
    pods = api.list(api.kind("", "Pod"), manifest.key.namespace, selector(labels))
    since = min((str(pod["metadata"]["creationTimestamp"]) for pod in pods), default="")
    progress = rollout.progress(live)
    done = progress.state == "done"
    return Part(
        kind,
        name,
        _images(pod),
        since,
        f"{progress.text}{_remark(live, api.connection.context, done=done)}",
        healthy=done,
        why=() if done else tuple(diagnosis.of_workload(api, live)),
    )


def _images(pod: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(container.get("image")) for container in pod.get("containers") or ())


def _runs(cron_job: Mapping[str, Any]) -> str:
    """Return when the runs are, were, and last went well; none of them is part of the stack."""
    spec, status = cron_job["spec"], cron_job.get("status") or {}
    due = "suspended" if spec.get("suspend") else spec["schedule"]
    last, good = status.get("lastScheduleTime"), status.get("lastSuccessfulTime")
    if last is None:
        return f"{due}, no run yet"
    return f"{due}, last run {last}, last success {good or 'none'}"


def _remark(live: Mapping[str, Any], context: str, *, done: bool) -> str:
    """Return what explains a state that surprises: a rollout that is held, or no node for it."""
    labels = live["spec"].get("template", {}).get("spec", {}).get("nodeSelector") or {}
    status = live.get("status") or {}
    if live["kind"] == "DaemonSet" and labels and not status.get("desiredNumberScheduled"):
        wanting = " ".join(f"{name}={value}" for name, value in labels.items())
        kubectl = f"kubia{cluster.option(context)} kubectl"
        return f"; no node has the label: {kubectl} label node NODE {wanting}"
    held = rollout.skipped(live)
    return f"; {held}" if held and not done else ""


def _declarer(manifest: Manifest) -> str:
    """Return the component that the object is a part of, as its URN has it; else its own kind."""
    types = manifest.resource.urn.split("::")[2].split("$")
    own = [each for each in types[:-1] if each != "pulumi:pulumi:Stack"]
    return own[-1].rpartition(":")[2] if own else manifest.key.kind


def _lines(release: Release | None, parts: Sequence[Part]) -> Iterator[str]:
    if release is None:
        yield "no releases yet"
    else:
        cause = f": {release.cause}" if release.cause else ""
        number, state, time = release.number, release.state, release.time
        yield f"release {number}, {state}, {time} by {release.who}{cause}"
    rows = [(part.kind, part.name, " ".join(part.images), part.since, part.state) for part in parts]
    table = [HEADS, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADS))]
    for row, part in zip(table, (None, *parts), strict=True):
        cells = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        sign = " " if part is None or part.healthy else "!"
        yield console.coloured(f"  {sign} {cells}".rstrip())
        for line in part.why if part else ():
            yield f"      {line}"


def _as_json(
    stack: str, release: Release | None, parts: Sequence[Part], *, healthy: bool
) -> dict[str, Any]:
    return {
        "stack": stack,
        "healthy": healthy,
        "release": text.as_json(release) if release else None,
        "parts": [asdict(part) for part in parts],
    }
