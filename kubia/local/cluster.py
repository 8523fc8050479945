"""The local cluster: `build`, `up` makes or repairs it, `status` reads, `down` removes it all."""

import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kubia.errors import InvalidError, KubiaError
from kubia.local import (
    api,
    cleanup,
    control_plane,
    dns,
    files,
    images,
    metrics,
    network,
    node,
    packages,
    paths,
    processes,
    settings,
    simulated,
    tools,
)
from kubia.local.images import Image
from kubia.local.paths import Layout
from kubia.local.report import Report, Silent
from kubia.local.settings import Nodes, Settings


@dataclass(frozen=True)
class LocalCluster:
    """A cluster that runs."""

    name: str
    context: str
    kubeconfig: Path
    nodes: Nodes
    reason: str | None
    """Why the nodes are not real; None if they are, or were not asked to be."""


@dataclass(frozen=True)
class Status:
    """What there is of a cluster."""

    name: str
    exists: bool = False
    ready: bool = False
    """Whether all processes run, the API server serves and every node is Ready."""
    nodes: Nodes | None = None
    reason: str | None = None
    kubeconfig: Path | None = None
    server: str | None = None
    processes: dict[str, bool] = field(default_factory=dict)
    """Each process and whether it runs."""
    ready_nodes: dict[str, bool] = field(default_factory=dict)
    """Each node and whether it is Ready."""


def up(
    name: str = "kubia",
    nodes: Literal["auto", "real", "simulated"] = "auto",
    report: Report | None = None,
) -> LocalCluster:
    """Make the cluster, or start what does not run of it; return it once its node is Ready.

    Raises:
        InvalidError: `name` is no name for a cluster.
        KubiaError: `nodes` is "real" and this machine cannot have a real node, the cluster exists
            with other nodes, or something fails.

    """
    layout = paths.layout(name)
    report = report or Silent()
    with files.locked(layout.lock):
        chosen = settings.read(layout)
        if chosen is None:
            chosen = _decide(layout, nodes, report)
        elif nodes not in ("auto", chosen.nodes):
            message = (
                f"the cluster {name!r} exists with {chosen.nodes} nodes, not {nodes}:"
                f" remove it first (kubia cluster down --name {name})"
            )
            raise KubiaError(message)
        if chosen.nodes == "real":
            _up_real(layout, chosen, report)
        else:
            _up_simulated(layout, chosen, report)
    return LocalCluster(name, name, layout.kubeconfig, chosen.nodes, chosen.reason)


def _decide(
    layout: Layout, nodes: Literal["auto", "real", "simulated"], report: Report
) -> Settings:
    reason = None if nodes == "simulated" else _problem(layout) or packages.install(report)
    if nodes == "real" and reason:
        message = f"--nodes real: {reason}; --nodes simulated works without it"
        raise KubiaError(message)
    if reason:
        report.note(f"the node is simulated: {reason}")
    kind: Nodes = "simulated" if nodes == "simulated" or reason else "real"
    chosen = settings.decide(layout, kind, reason)
    settings.write(layout, chosen)
    return chosen


def _problem(layout: Layout) -> str | None:
    """Say why this machine cannot have this cluster's real node; None if it can."""
    return (
        packages.problem()
        or network.occupied(layout.root)
        or paths.problem(layout)
        or network.foreign()
    )


def _settle(layout: Layout, chosen: Settings) -> Settings:
    """Return the settings with ports that are free now, and keep them."""
    settled = settings.with_free_ports(
        layout, chosen, lambda program: processes.alive(layout.processes, program)
    )
    if settled != chosen:
        settings.write(layout, settled)
    return settled


def _up_simulated(layout: Layout, chosen: Settings, report: Report) -> None:
    programs = tools.build("simulated", report)
    chosen = _settle(layout, chosen)
    report = _quiet(layout, chosen, report)
    layout.config("").mkdir(parents=True, exist_ok=True)
    with report.step("starting the control plane"):
        control_plane.start(layout, chosen, programs)
    with report.step("starting the simulated node"):
        simulated.start(layout, chosen, programs)


def build(report: Report) -> None:
    """Build what clusters need, of each kind that this machine can have, so that `up` is quick."""
    if reason := packages.problem() or packages.install(report):
        report.note(f"for simulated nodes alone: {reason}")
    else:
        _build_real(report)
    tools.build("simulated", report)


def _build_real(report: Report) -> Path:
    """Build the programs and the images of a real node; return the programs' folder."""
    needed = images.of_node(tools.folder())
    early = [image for image in needed if image.has_sources]
    with ThreadPoolExecutor(1) as pool:
        # Images wait for network and disk while the compiler waits for the processor.
        preparation = pool.submit(images.prepare, early, report)
        programs = tools.build("real", report)
        preparation.result()
    images.build([image for image in needed if image not in early], report)
    return programs


def _up_real(layout: Layout, chosen: Settings, report: Report) -> None:
    layout.config("").mkdir(parents=True, exist_ok=True)
    programs = _build_real(report)
    chosen = _settle(layout, chosen)
    report = _quiet(layout, chosen, report)
    network.connect(layout.root, chosen.pods, chosen.services)
    with report.step("starting the control plane"):
        control_plane.start(layout, chosen, programs)
    with report.step("starting the node"):
        node.start_runtime(layout, programs, chosen)
        for image in images.of_node(programs):
            _load(layout, image, programs)
        node.start_agents(layout, chosen, programs)
        dns.start(layout, chosen, programs)
        metrics.start(layout, chosen, programs)
        node.wait(layout, chosen)


def load(name: str, image: Image, report: Report) -> None:
    """Build an image and load it into the real node of a cluster that runs."""
    images.build((image,), report)
    _load(paths.layout(name), image, tools.build("real", report))


def names() -> list[str]:
    """Return the names of all local clusters, sorted."""
    return sorted(file.parent.name for file in paths.state().glob("clusters/*/cluster.json"))


def _load(layout: Layout, image: Image, programs: Path) -> None:
    images.load(image, programs / "ctr", node.endpoint(layout), layout.data("loaded"))


def status(name: str = "kubia") -> Status:
    """Return how a cluster is, without changing anything."""
    layout = paths.layout(name)
    chosen = settings.read(layout)
    if chosen is None:
        return Status(name)
    return Status(
        name=name,
        exists=True,
        ready=_is_ready(layout, chosen),
        nodes=chosen.nodes,
        reason=chosen.reason,
        kubeconfig=layout.kubeconfig,
        server=chosen.server,
        processes=_running(layout, chosen),
        ready_nodes=api.nodes(layout, chosen),
    )


def is_simulated(context: str) -> bool:
    """Return whether this is the context of a local cluster in which no container runs."""
    try:
        chosen = settings.read(paths.layout(context))
    except InvalidError:  # a context's name may hold what a local cluster's may not
        return False
    return chosen is not None and chosen.nodes == "simulated"


def _running(layout: Layout, chosen: Settings) -> dict[str, bool]:
    agents = node.PROGRAMS if chosen.nodes == "real" else simulated.PROGRAMS
    programs = (*control_plane.PROGRAMS, *agents)
    return {each: processes.alive(layout.processes, each) for each in programs}


def _is_ready(layout: Layout, chosen: Settings) -> bool:
    if not all(_running(layout, chosen).values()):
        return False
    if chosen.nodes == "real" and not node.healthy(layout, chosen):
        return False
    return api.ready(layout, chosen) and api.nodes(layout, chosen).get(chosen.node, False)


def _quiet(layout: Layout, chosen: Settings, report: Report) -> Report:
    """Return a report that is silent if all runs: then the steps only check."""
    return Silent() if _is_ready(layout, chosen) else report


def down(name: str = "kubia", report: Report | None = None) -> bool:
    """Stop the cluster and remove all that it has put on this machine but the caches.

    Returns whether there was anything of it.
    """
    layout = paths.layout(name)
    report = report or Silent()
    if not layout.root.exists():
        return False
    with files.locked(layout.lock), report.step(f"removing the cluster {name}"):
        chosen = settings.read(layout)
        processes.kill(layout.processes, processes.names(layout.processes))
        if chosen is not None and chosen.nodes == "real":
            cleanup.remove(layout, chosen)
        shutil.rmtree(layout.root)
        layout.lock.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # Other clusters may be there.
            layout.root.parent.rmdir()
            paths.state().rmdir()
    return True
