"""Start and stop programs in the background, known by process id *and* start time.

The start time makes a record safe: a process id that the system has given to somebody else is
never taken for ours, so it is never killed.
"""

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from kubia.local import deadline, files

_STOP_TIMEOUT = 30.0  # Seconds for killed processes to be gone.
_LAST_WORDS = 8  # Lines of a log that are shown when its program failed.


@dataclass(frozen=True)
class Program:
    """A program that the cluster needs running."""

    name: str
    argv: tuple[str, ...]
    config: Path | None = None
    """A configuration file; the program is started again when its content changes."""

    @property
    def fingerprint(self) -> str:
        """What changes when the program has to be started again."""
        content = self.config.read_bytes() if self.config else b""
        return hashlib.sha256("\0".join(self.argv).encode() + b"\0" + content).hexdigest()


@dataclass(frozen=True)
class Record:
    """A started program, as remembered in NAME.json."""

    pid: int
    started: str
    fingerprint: str

    @property
    def alive(self) -> bool:
        """Whether this very process runs."""
        return start_time(self.pid) == self.started


def start_time(pid: int) -> str | None:
    """Return when the process `pid` began, in the system's own unit; None if none runs."""
    if not Path("/proc/self/stat").exists():
        return _start_time_by_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    # While other threads of a killed process still end, it keeps its ports.
    ended = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if ended else f"{fields[19]}@{boot}"


def _start_time_by_ps(pid: int) -> str | None:
    command = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return " ".join(answer[1:]) if answer and not answer[0].startswith("Z") else None


def log(folder: Path, name: str) -> Path:
    """Return where the program `name` writes."""
    return folder / f"{name}.log"


def read(folder: Path, name: str) -> Record | None:
    """Return what is remembered of the program `name`."""
    try:
        fields = json.loads((folder / f"{name}.json").read_text())
    except FileNotFoundError:
        return None
    return Record(fields["pid"], fields["started"], fields.get("fingerprint", ""))


def names(folder: Path) -> list[str]:
    """Return the names of all programs that were started in `folder`."""
    return sorted(path.stem for path in folder.glob("*.json"))


def alive(folder: Path, name: str) -> bool:
    """Whether the program `name` runs."""
    record = read(folder, name)
    return record is not None and record.alive


def ensure(folder: Path, program: Program) -> bool:
    """Start `program` unless it runs as it should; return whether it was started."""
    record = read(folder, program.name)
    if record is not None and record.alive:
        if record.fingerprint == program.fingerprint:
            return False
        kill(folder, [program.name])
    elif record is not None:
        _reap(record.pid)
    _start(folder, program)
    return True


def _start(folder: Path, program: Program) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with log(folder, program.name).open("ab") as output:
        process = subprocess.Popen(
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    started = start_time(process.pid) or ""
    record = Record(process.pid, started, program.fingerprint)
    files.write_json(folder / f"{program.name}.json", asdict(record))
    process.returncode = 0  # It outlives us on purpose: no warning that it still runs.


def kill(folder: Path, programs: Iterable[str]) -> None:
    """Kill these programs at once and forget them; those that do not run are just forgotten."""
    known = {name: record for name in programs if (record := read(folder, name))}
    for record in known.values():
        if record.alive:
            os.kill(record.pid, signal.SIGKILL)
    deadline.until(
        "the killed processes are gone",
        lambda: not any(record.alive for record in known.values()),
        _STOP_TIMEOUT,
    )
    for name, record in known.items():
        _reap(record.pid)
        (folder / f"{name}.json").unlink(missing_ok=True)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # Started by another command: the system's first process reaps it.


def failure(folder: Path, programs: Iterable[str]) -> str | None:
    """Say which of these programs has ended, with its last words; None if all run."""
    for name in programs:
        if not alive(folder, name):
            return f"{name} has ended:\n{last_words(folder, name)}"
    return None


def last_words(folder: Path, name: str) -> str:
    """Return the end of a program's log and where the rest is."""
    path = log(folder, name)
    lines = path.read_text(errors="replace").splitlines()[-_LAST_WORDS:] if path.exists() else []
    return "\n".join([*lines, f"(see {path})"])
