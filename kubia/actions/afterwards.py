"""What a user does next with a stack that is up: where it answers, and the commands for more."""

import os
import shlex
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kubia import cluster, console
from kubia.actions.status import SIMULATED
from kubia.local.cluster import is_simulated
from kubia.observe import probe
from kubia.project import contract
from kubia.project.contract import Service, Site
from kubia.project.stackfile import Stack
from kubia.session import Session

PATIENCE = 10.0
"""Seconds within which a node leads its ports to pods that are ready; most often it takes one."""
_PAUSE = 0.2


def show_where_it_answers(session: Session, outputs: Mapping[str, Any]) -> None:
    """Print the command that shows each thing that answers outside of the cluster.

    It is waited for: nodes lead to pods a moment after these are ready.
    """
    for line in _answering(session, outputs):
        console.out(line)


def show_commands(session: Session) -> None:
    """Print the commands that show what runs."""
    own = f"{console.command()}{cluster.option(session.cluster)}"
    chosen = f"{own}{_chosen(session.stack)}"
    commands = (f"{chosen} {words}" for words in ("status", "logs NAME", "open NAME"))
    pods = f"{own} kubectl get pods -n {session.namespace}"
    console.out(f"what runs: {', '.join(commands)}, {pods}")


def _chosen(stack: Stack) -> str:
    """Return the options that name the stack and its project's folder, where they are not meant."""
    usual = os.environ.get("KUBIA_STACK") or "dev"
    named = "" if stack.name == usual == "dev" else f" -s {stack.name}"
    root = stack.project.root
    try:
        is_here = Path.cwd().is_relative_to(root)
    except FileNotFoundError:  # it was deleted
        is_here = False
    return named if is_here else f"{named} -C {shlex.quote(str(root))}"


def _answering(session: Session, outputs: Mapping[str, Any]) -> Iterator[str]:
    idle, end = _idle(session.stack), time.monotonic() + PATIENCE
    for url in contract.node_port_urls(outputs):
        if is_simulated(session.cluster):
            yield f"nothing answers at {url}: {SIMULATED}"
        elif name := idle.get(url.rpartition(":")[2]):
            place = f"{session.stack.project.name}:{name}"
            yield f"nothing answers at {url}: {place}.replicas is 0"
        elif reason := _silent(url, end):
            yield f"nothing answers at {url} yet: {reason}"
        else:
            yield f"look at it: curl {url}"


def _silent(url: str, end: float) -> str:
    """Return why nothing has answered at an address by then, in time.monotonic(); "" if it has."""
    while reason := probe.ask(url).reason:
        if time.monotonic() > end:
            return reason
        time.sleep(_PAUSE)
    return ""


def _idle(stack: Stack) -> dict[str, str]:
    """Return the services and sites without pods, by the node port at which they would answer."""
    document, project = stack.document, stack.project.name
    kinds: dict[str, Mapping[str, Service | Site]] = {
        "services": contract.whole_services(document, project),
        "sites": contract.sites(document, project),
    }
    return {
        str(each.get("nodePort")): f"{kind}.{name}"
        for kind, parts in kinds.items()
        for name, each in parts.items()
        if each.get("replicas") == 0
    }
