"""Remove a real node so that nothing of it is left, however its programs ended.

Everything is found by what is ours alone: records of process ids, the shims that were started for
our containerd's socket, the control group of our pods, mounts below our state folder.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from kubia.local import cgroups, deadline, network, node, shell
from kubia.local.paths import Layout
from kubia.local.settings import Settings

_TIMEOUT = 30.0  # Seconds for killed processes, cgroups and mounts to be gone.
_CNI_RESULTS = Path("/var/lib/cni/results")
_CONTAINER_LOGS = Path("/var/log/containers")


def remove(layout: Layout, settings: Settings) -> None:
    """Remove containers, mounts, cgroups, network and files, after the node's own programs."""
    deadline.until("the containers have ended", lambda: _kill(layout) == 0, _TIMEOUT)
    deadline.until("the node's mounts are gone", lambda: _unmount(layout.root) == 0, _TIMEOUT)
    deadline.until("the node's cgroups are gone", lambda: cgroups.remove(layout.name), _TIMEOUT)
    if settings.host is not None:
        network.disconnect(settings.host, settings.pods)
        _remove_files(layout, settings.host)


def _kill(layout: Layout) -> int:
    """Kill shims and containers; return how many there were."""
    pids = {*_shims(layout), *cgroups.pids(layout.name)}
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return len(pids)


def _shims(layout: Layout) -> Iterator[int]:
    """Return the shims of our containerd: they name its socket as an argument."""
    ours = str(node.endpoint(layout)).encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[0].endswith(b"containerd-shim-runc-v2") and ours in words:
            yield int(path.parent.name)


def _unmount(root: Path) -> int:
    """Unmount everything below `root`, innermost first; return how many are left."""
    for place in reversed(mounts(root)):
        shell.run(["umount", "--lazy", place])
    return len(mounts(root))


def mounts(root: Path) -> list[str]:
    """Return where something is mounted below `root`, in the order of mounting."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    places = [line.split()[4].replace("\\040", " ") for line in lines]
    return [place for place in places if place.startswith(f"{root}/")]


def _remove_files(layout: Layout, earlier: network.Before) -> None:
    """Remove what containerd and the kubelet keep outside of our state folder."""
    for place in earlier.absent:
        shutil.rmtree(place, ignore_errors=True)
    for result in _CNI_RESULTS.glob("kubia-*"):
        result.unlink()
    for link in _CONTAINER_LOGS.glob("*.log"):
        if link.is_symlink() and str(link.readlink()).startswith(str(layout.root)):
            link.unlink()
