"""What a real node needs from the system: a few Debian packages."""

import os
import sys
from pathlib import Path

from kubia.errors import KubiaError
from kubia.local import shell
from kubia.local.report import Report

_COMMANDS = {
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "mount": "mount",
    "buildah": "buildah",
    "mmdebstrap": "mmdebstrap",
}
CNI = Path("/usr/lib/cni")


def problem() -> str | None:
    """Return why this machine cannot have a real node; None if it can."""
    if sys.platform != "linux":
        return f"a real node needs Linux, and this is {sys.platform}"
    if os.geteuid() != 0:
        return "a real node needs root"
    if missing() and not shell.has("apt-get"):
        return (
            f"a real node needs {', '.join(missing())}, and there is no apt-get to install them:"
            " install them by hand"
        )
    return None


def missing() -> list[str]:
    """Return the Debian packages that are not installed."""
    absent = [package for command, package in _COMMANDS.items() if not shell.has(command)]
    if not (CNI / "ptp").exists():
        absent.append("containernetworking-plugins")
    return absent


def install(report: Report) -> str | None:
    """Install what is missing, after naming it; return what went wrong, or None."""
    absent = missing()
    if not absent:
        return None
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        with report.step(f"installing Debian packages: {' '.join(absent)}"):
            shell.run(["apt-get", "update", "-q"], env=env)
            shell.run(["apt-get", "install", "-qy", "--no-install-recommends", *absent], env=env)
    except KubiaError as error:
        return f"a real node needs {', '.join(absent)}: {error}"
    return None
