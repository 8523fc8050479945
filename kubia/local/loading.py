"""Brings an image of the user's own into a local cluster's node."""

import tempfile
from pathlib import Path

from kubia.errors import KubiaError
from kubia.local import archives, images, node, paths, processes, settings, shell, tools
from kubia.local.report import Report

RUNTIME = {"real": "containerd", "simulated": "kwok"}
"""What runs pods, by kind of node."""


def load(name: str, image: str, report: Report) -> tuple[str, ...]:
    """Load an archive, or an image that docker, podman or buildah has, into a cluster's node.

    Returns the images' names as pods may have them; none if the node is simulated.

    Raises:
        InvalidError: there is no such image.
        KubiaError: there is no such cluster, or it does not run.

    """
    layout = paths.layout(name)
    chosen = settings.read(layout)
    if chosen is None or not processes.alive(layout.processes, RUNTIME[chosen.nodes]):
        message = f"the cluster {name!r} does not run: start it by `kubia cluster up --name {name}`"
        raise KubiaError(message)
    with tempfile.TemporaryDirectory(prefix="kubia-") as folder:
        archive = Path(image)
        if not archive.is_file():
            archive = Path(folder, "image.tar")
            archives.save(image, archive)
        names = archives.names(archive)
        if chosen.nodes == "simulated":
            return ()
        ctr = tools.build("real", report) / "ctr"
        client = images.client(ctr, node.endpoint(layout))
        with report.step(f"loading {image}"):
            shell.run([*client, "import", "--local", archive])
            for each in names:
                if archives.meant(each) != each:
                    shell.run([*client, "tag", "--force", each, archives.meant(each)])
    return tuple(dict.fromkeys(map(archives.short, names)))
