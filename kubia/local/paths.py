"""Where the local cluster keeps its files: one state folder a cluster, one cache for all."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from kubia.errors import InvalidError

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
_LONGEST_SOCKET = 107  # The kernel takes 107 bytes for the path of a unix socket.


def state() -> Path:
    """Return the folder of everything that runs: `$KUBIA_STATE`, else the user's state folder."""
    return _folder("KUBIA_STATE", "XDG_STATE_HOME", ".local/state")


def cache() -> Path:
    """Return the folder of what takes long to make: `$KUBIA_CACHE`, else the user's cache."""
    return _folder("KUBIA_CACHE", "XDG_CACHE_HOME", ".cache")


def _folder(own: str, standard: str, default: str) -> Path:
    if chosen := os.environ.get(own):
        return Path(chosen).absolute()
    return Path(os.environ.get(standard) or Path.home() / default).absolute() / "kubia"


@dataclass(frozen=True)
class Layout:
    """The files of one cluster, all below `root`."""

    name: str
    root: Path

    @property
    def settings(self) -> Path:
        """What was decided when the cluster was made: addresses, ports, kind of nodes."""
        return self.root / "cluster.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def certificates(self) -> Path:
        """The cluster's keys and certificates."""
        return self.root / "pki"

    @property
    def processes(self) -> Path:
        """A record of each process that runs, and its log."""
        return self.root / "processes"

    @property
    def runtime(self) -> Path:
        """What the node keeps: sockets, images, containers, volumes."""
        return self.root / "node"

    @property
    def lock(self) -> Path:
        """Held while a command works on the cluster; beside the folder, which may go."""
        return self.root.with_name(f".{self.name}.lock")

    def config(self, name: str) -> Path:
        """Return the path of a program's configuration file."""
        return self.root / "config" / name

    def data(self, name: str) -> Path:
        """Return the folder of a program's data."""
        return self.root / "data" / name


def layout(name: str) -> Layout:
    """Return where the files of the cluster `name` are, whether or not it exists.

    Raises:
        InvalidError: no cluster can have this name.

    """
    if not _NAME.fullmatch(name):
        message = (
            f"--name: {name!r} is no name for a cluster: at most 40 of a-z, 0-9 and '-',"
            " beginning with a letter and not ending with '-'"
        )
        raise InvalidError([message])
    return Layout(name, state() / "clusters" / name)


def problem(layout: Layout) -> str | None:
    """Return why a real node's sockets cannot be in the cluster's folder; None if they can."""
    socket = len(str(layout.runtime / "kubelet/pod-resources/kubelet.sock"))
    if socket <= _LONGEST_SOCKET:
        return None
    return (
        f"the state folder {str(state())!r} is {socket - _LONGEST_SOCKET} characters too long for"
        " a real node's sockets: choose a shorter one (KUBIA_STATE)"
    )
