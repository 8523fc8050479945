"""A copy of the project that Pulumi's own CLI runs, with all that it needs beside it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
PIP = 'import sys\nprint("pip 25.0 from here (python 3)" if "--version" in sys.argv else "[]")\n'
"""A pip that says there is no package. Pulumi asks at each start, and pip takes two of the five
seconds of an `up` to say that the provider is needed, which the program will say itself."""
ORPHANED = 0.5
"""Seconds that the provider has to end its work after the CLI alone was killed."""


@dataclass(frozen=True)
class Project:
    """The project's files, a virtualenv and a backend, for any number of stacks."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    def make(cls, folder: Path, environment: dict[str, str]) -> "Project":
        """Copy the project to `folder`; `environment` names the cluster."""
        folder.mkdir()
        for name in ("__main__.py", "Pulumi.yaml", "components", "kubia", "stacks"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        file = folder / "Pulumi.yaml"
        file.write_text(file.read_text().replace("virtualenv: .venv", "virtualenv: quick"))
        _virtualenv(folder / "quick")
        (folder / "state").mkdir()
        own = {
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        return cls(folder, {**environment, **own})

    def start(self, log: int | IO[str], *command: str) -> subprocess.Popen[str]:
        """Start a command in the project's folder, in a process group and a session of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )

    def put_back(self, stack: str) -> bool:
        """Do what kubia says of a state whose writing was struck; whether this one's was."""
        state = self.folder / "state/.pulumi/stacks/kubia" / f"{stack}.json"
        files = [each for each in (state, Path(f"{state}.attrs")) if each.exists()]
        if all(each.read_text().strip() for each in files):
            return False
        shutil.copy(f"{state}.bak", state)
        shutil.copy(f"{state}.bak.attrs", f"{state}.attrs")
        return True


def kill(running: subprocess.Popen[str], *, orphaning: bool = False) -> None:
    """Kill the command and all that it has started: plugins have process groups of their own.

    `orphaning` gives these the time to end what they do.
    """
    with contextlib.suppress(ProcessLookupError):
        running.kill()
    running.wait()
    if orphaning:
        time.sleep(ORPHANED)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            session = int(stat.read_text().rpartition(")")[2].split()[3])
            if session == running.pid:
                os.kill(int(stat.parent.name), signal.SIGKILL)


def _virtualenv(folder: Path) -> None:
    """Make a virtualenv that has the packages of this one, and a pip that is quick."""
    venv.create(folder, symlinks=os.name != "nt")
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "these.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "pip").mkdir()
    (packages / "pip" / "__init__.py").touch()
    (packages / "pip" / "__main__.py").write_text(PIP)
    assert sys.prefix != sys.base_prefix, "run the tests in the project's virtualenv"
