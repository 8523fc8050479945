"""Run a command to its end."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from kubia.errors import KubiaError

_FULL = "no space left on device"
_SHOWN = 15  # Lines of a failed command's output that are shown.


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    text: str | None = None,
) -> str:
    """Return what `command` prints.

    Raises:
        KubiaError: it is not installed, or it fails; the message has the end of its output.

    """
    try:
        done = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            input=text,
            stdin=None if text is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        message = f"{command[0]} is not installed"
        raise KubiaError(message) from error
    if done.returncode:
        words = " ".join(str(word) for word in command)
        if _FULL in (done.stderr + done.stdout).lower():
            message = f"the disk is full: make room (`kubia doctor` says where); {words} failed"
            raise KubiaError(message)
        output = (done.stderr + done.stdout).strip().splitlines()[-_SHOWN:]
        shown = "\n".join(output) or "(no output)"
        message = f"this failed with exit code {done.returncode}: {words}\n{shown}"
        raise KubiaError(message)
    return done.stdout


def has(command: str) -> bool:
    """Whether `command` is installed; the administrator's folders are searched, too."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return shutil.which(command, path=path) is not None
