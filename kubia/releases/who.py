"""Who releases: a name for people, and a process that others on its machine can tell dead."""

import functools
import getpass
import hashlib
import os
import socket
from pathlib import Path

WHO = "KUBIA_WHO"
"""The variable that says who releases; default: user@host."""
_START = 19
"""The place of a process's start among the fields of its stat that come after its name."""


def name() -> str:
    """Return who releases, as people read it."""
    return os.environ.get(WHO) or f"{_user()}@{socket.gethostname()}"


def process() -> str:
    """Return this process, as no other one anywhere has ever been: PLACE.PID.START."""
    pid = os.getpid()
    return f"{_place()}.{pid}.{_started(pid)}"


def is_dead(identity: str) -> bool:
    """Whether a process is known to have ended: it was one of this place, and is no more.

    Of processes elsewhere (another machine, boot or container) nothing is known.
    """
    place, _, rest = identity.partition(".")
    pid, _, start = rest.partition(".")
    return place == _place() and pid.isdigit() and bool(start) and _started(int(pid)) != start


@functools.cache
def _place() -> str:
    """Return what this process shares with all others that it can tell alive.

    That is one boot of one machine, in it one space of process numbers, and there one user.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        numbers = str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # no Linux
        return hashlib.sha256(os.urandom(16)).hexdigest()[:12]
    return hashlib.sha256(f"{boot}{numbers}{os.getuid()}".encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """Return when a process began, in the kernel's ticks; nothing if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # A process that has ended, and whose parent has not asked how, is dead.
    return "" if fields[0] == "Z" else fields[_START]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in many containers
        return str(os.getuid())
