"""`kubia cluster`: a Kubernetes on this machine."""

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from kubia.cli import options
from kubia.errors import ExitCode, InvalidError, did_you_mean

if TYPE_CHECKING:
    from kubia.local.cluster import Status

app = typer.Typer(help="A Kubernetes on this machine.", no_args_is_help=True)


class Nodes(enum.StrEnum):
    """What runs pods."""

    auto = "auto"
    real = "real"
    simulated = "simulated"


DEFAULT = "kubia"
Name = Annotated[str, typer.Option(help="The cluster's name, also that of its context.")]


@app.command()
def up(
    *,
    name: Name = DEFAULT,
    nodes: Annotated[
        Nodes,
        typer.Option(
            help="real: containerd and kubelet on this machine (Linux, root);"
            " simulated: pods only seem to run; auto: real where it can be."
        ),
    ] = Nodes.auto,
) -> None:
    """Make the cluster, or start what does not run of it.

    The first time builds its programs from source, some ten minutes; later times take seconds.
    A real node may install Debian packages, which are named first.
    """
    from kubia.local import cluster
    from kubia.local.report import Lines

    running = cluster.up(name, nodes.value, Lines())
    typer.echo(f"cluster {running.name} is ready, its node is {running.nodes}")
    typer.echo(f"export KUBECONFIG={running.kubeconfig}")


@app.command()
def build() -> None:
    """Build the programs and images of clusters beforehand.

    The first `up` would do it, too.
    """
    from kubia.local import cluster
    from kubia.local.report import Lines

    cluster.build(Lines())


@app.command()
def status(*, name: Name = DEFAULT, as_json: options.Json = False) -> None:
    """Say what runs; exit with 1 unless all of it does."""
    import dataclasses
    import json

    from kubia.local import cluster

    current = cluster.status(name)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(current), default=str, indent=2))
    elif not current.exists:
        typer.echo(f"there is no cluster {name}")
    else:
        _print(current)
    if not current.ready:
        raise typer.Exit(ExitCode.FAILED)


def _print(current: "Status") -> None:
    reason = f" ({current.reason})" if current.reason else ""
    typer.echo(f"cluster     {current.name}")
    typer.echo(f"nodes       {current.nodes}{reason}")
    typer.echo(f"server      {current.server}")
    typer.echo(f"kubeconfig  {current.kubeconfig}")
    for process, runs in current.processes.items():
        typer.echo(f"process     {process}: {'runs' if runs else 'does not run'}")
    for node, ready in current.ready_nodes.items():
        typer.echo(f"node        {node}: {'ready' if ready else 'not ready'}")
    if not current.ready:
        typer.echo(f"to repair it: kubia cluster up --name {current.name}")


@app.command("list")
def list_(*, as_json: options.Json = False) -> None:
    """Print the clusters of this machine, and whether they run."""
    import json

    from kubia.local import cluster

    clusters = [cluster.status(name) for name in cluster.names()]
    if as_json:
        keys = ("name", "nodes", "ready", "server", "kubeconfig")
        items = [{key: getattr(each, key) for key in keys} for each in clusters]
        typer.echo(json.dumps(items, default=str, indent=2))
        return
    for each in clusters:
        state = "ready" if each.ready else "not ready"
        typer.echo(f"{each.name}  {each.nodes}, {state}, {each.server}")
    if not clusters:
        typer.echo("there are no clusters: `kubia cluster up` makes one")


@app.command()
def load(
    image: Annotated[
        str,
        typer.Argument(
            help="An archive of images, or a name that docker, podman or buildah has.",
            metavar="IMAGE",
        ),
    ],
    *,
    name: Name = DEFAULT,
) -> None:
    """Load an image of your own into the cluster's node."""
    from kubia.local import loading
    from kubia.local.report import Lines

    loaded = loading.load(name, image, Lines())
    if not loaded:
        typer.echo(f"the node of cluster {name} is simulated: it needs no image, and runs none")
    for each in loaded:
        typer.echo(f"loaded: name it {each} in a stack file")


@app.command()
def down(*, name: Name = DEFAULT) -> None:
    """Remove the cluster and all that it left, but the caches."""
    from kubia.local import cluster
    from kubia.local.report import Lines

    if cluster.down(name, Lines()):
        typer.echo(f"cluster {name} is gone")
    elif name == DEFAULT:
        typer.echo(f"there is no cluster {name}")
    else:
        known = cluster.names()
        there = f"there are {', '.join(known)}" if known else "there are none"
        hint = did_you_mean(name, known)
        end = f"; {hint}" if hint else "."
        raise InvalidError([f"--name: there is no cluster {name!r}: {there}{end}"])
