"""The control group of a cluster's pods.

It is a group of the cluster's own and not the kubelet's usual /kubepods, so that another kubelet on
this machine does not take our pods for orphans of its own, nor we its pods for ours.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

_MOUNT = Path("/sys/fs/cgroup")


def name(cluster: str) -> str:
    """Return the name of the group of a cluster's pods."""
    return f"kubia-{cluster}"


def create(cluster: str) -> None:
    """Make the group in every hierarchy; the kubelet wants it to be there."""
    if (_MOUNT / "cgroup.controllers").exists():
        _delegate(_MOUNT)
        (_MOUNT / name(cluster)).mkdir(exist_ok=True)
        _delegate(_MOUNT / name(cluster))
        return
    for hierarchy in _MOUNT.iterdir():
        if (hierarchy / "tasks").exists():
            (hierarchy / name(cluster)).mkdir(exist_ok=True)


def _delegate(group: Path) -> None:
    """Let the groups below `group` have all of its controllers (cgroup v2)."""
    for controller in (group / "cgroup.controllers").read_text().split():
        with contextlib.suppress(OSError):  # The kubelet says which one it misses.
            (group / "cgroup.subtree_control").write_text(f"+{controller}")


def pids(cluster: str) -> Iterator[int]:
    """Return the processes of the cluster's pods."""
    for root in _roots(cluster):
        for path in root.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                yield from (int(pid) for pid in path.read_text().split())


def remove(cluster: str) -> bool:
    """Remove the groups in which no process is left; return whether all are gone."""
    for root in _roots(cluster):
        for group in [*sorted(root.rglob("*/"), reverse=True), root]:
            with contextlib.suppress(OSError):
                group.rmdir()
    return not _roots(cluster)


def _roots(cluster: str) -> list[Path]:
    places = (_MOUNT / name(cluster), *_MOUNT.glob(f"*/{name(cluster)}"))
    return [place for place in places if place.is_dir()]
