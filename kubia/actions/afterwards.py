"""What a user does next with a stack that is up: where it answers, and the commands for more."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubia import console
from kubia.actions.status import SIMULATED
from kubia.local.cluster import is_simulated
from kubia.project import contract
from kubia.project.contract import Service, Site
from kubia.project.stackfile import Stack
from kubia.session import Session


def show_where_it_answers(session: Session, outputs: Mapping[str, Any]) -> None:
    """Print the command that shows each thing that answers outside of the cluster."""
    for line in _answering(session, outputs):
        console.out(line)


def show_commands(session: Session) -> None:
    """Print the commands that show what runs."""
    own, stack = console.command(), session.stack.name
    chosen = "" if stack == "dev" else f" -s {stack}"
    commands = (f"{own}{chosen} {words}" for words in ("status", "logs NAME", "open NAME"))
    pods = f"{own} kubectl get pods -n {session.namespace}"
    console.out(f"what runs: {', '.join(commands)}, {pods}")


def _answering(session: Session, outputs: Mapping[str, Any]) -> Iterator[str]:
    idle = _idle(session.stack)
    for url in contract.node_port_urls(outputs):
        if is_simulated(session.cluster):
            yield f"nothing answers at {url}: {SIMULATED}"
        elif name := idle.get(url.rpartition(":")[2]):
            place = f"{session.stack.project.name}:{name}"
            yield f"nothing answers at {url}: {place}.replicas is 0"
        else:
            yield f"look at it: curl {url}"


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
