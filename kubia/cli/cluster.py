"""`kubia cluster`: a Kubernetes on this machine."""

import dataclasses
import enum
import json
from typing import Annotated

import typer

from kubia.errors import KubiaError
from kubia.local import cluster
from kubia.local.report import Lines

app = typer.Typer(help="A Kubernetes on this machine.", no_args_is_help=True)


class Nodes(enum.StrEnum):
    """What runs pods."""

    auto = "auto"
    real = "real"
    simulated = "simulated"


Name = Annotated[str, typer.Option(help="The cluster's name, also that of its context.")]


@app.command()
def up(
    *,
    name: Name = "kubia",
    nodes: Annotated[
        Nodes,
        typer.Option(
            help="real: containerd and kubelet on this machine (Linux, root);"
            " simulated: pods only seem to run; auto: real where it can be."
        ),
    ] = Nodes.auto,
) -> None:
    """Make the cluster, or mend what does not run of it.

    The first time builds its programs from source, some ten minutes; later times take seconds.
    A real node may install Debian packages, which are named first.
    """
    made = cluster.up(name, nodes.value, Lines())
    typer.echo(f"cluster {made.name} is ready, its node is {made.nodes}")
    typer.echo(f"export KUBECONFIG={made.kubeconfig}")


@app.command()
def build() -> None:
    """Build the programs and images of clusters beforehand, as the first `up` would."""
    cluster.build(Lines())


@app.command()
def status(
    *,
    name: Name = "kubia",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what runs; exit with 1 unless all of it does."""
    found = cluster.status(name)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), default=str, indent=2))
    elif not found.exists:
        typer.echo(f"there is no cluster {name}")
    else:
        _print(found)
    if not found.ready:
        raise typer.Exit(KubiaError.exit_code)


def _print(found: cluster.Status) -> None:
    reason = f" ({found.reason})" if found.reason else ""
    typer.echo(f"cluster     {found.name}")
    typer.echo(f"nodes       {found.nodes}{reason}")
    typer.echo(f"server      {found.server}")
    typer.echo(f"kubeconfig  {found.kubeconfig}")
    for process, runs in found.processes.items():
        typer.echo(f"process     {process}: {'runs' if runs else 'does not run'}")
    for node, ready in found.ready_nodes.items():
        typer.echo(f"node        {node}: {'ready' if ready else 'not ready'}")
    if not found.ready:
        typer.echo(f"to mend it: kubia cluster up --name {found.name}")


@app.command()
def down(*, name: Name = "kubia") -> None:
    """Remove the cluster and all that it put on this machine, but the caches."""
    cluster.down(name, Lines())
    typer.echo(f"cluster {name} is gone")
