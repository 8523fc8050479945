"""The operator as its users run it: a process of its own, behind the proxy."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import cached_property
from pathlib import Path

from tests.operator.cluster import DEADLINE_SECONDS, Cluster, Namespace, until
from tests.operator.proxy import Proxy


class Operator:
    """One operator process."""

    def __init__(
        self,
        directory: Path,
        proxy: Proxy,
        namespaces: str,
        *flags: str,
        token_file: str = "",
        ca_file: str = "",
    ) -> None:
        self.proxy = proxy
        name = secrets.token_hex(4)
        kubeconfig = directory / f"kubeconfig-{name}"
        kubeconfig.write_text(_kubeconfig(proxy.url, token_file, ca_file), encoding="utf-8")
        self.log = directory / f"operator-{name}.log"
        argv = [
            *(sys.executable, "-m", "kubia.operator", "--kubeconfig", str(kubeconfig)),
            *(
                "--namespaces",
                namespaces,
                "--lease-namespace",
                namespaces.split(",", maxsplit=1)[0],
            ),
            *("--port", "0", *flags),
        ]
        root = Path(__file__).parents[2]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                argv, cwd=root, stderr=log, env={**os.environ, "PYTHONPATH": str(root)}
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        return self._process.wait(20)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._process.terminate()
        self.wait()

    def end(self) -> None:
        if self.running:
            self._process.send_signal(signal.SIGCONT)
            self.kill()

    @cached_property
    def port(self) -> object:
        """Where it serves its probes."""
        return until("it serves", lambda: [r["port"] for r in self.records() if "port" in r])[0]

    def probe(self, path: str) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name: str) -> float:
        lines = self.probe("/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]

    def wait_leading(self) -> None:
        until("it leads", lambda: self.metric("kubia_operator_leader ") == 1)


def deviations(namespace: Namespace, proxy: Proxy, quiet: float = 0.7) -> list[str]:
    """Wait until the cluster is as the sources want it and no write follows: the oracle.

    Return what is not so once the deadline has passed. That no write follows for 30 s is seen to
    when the test has ended, in quiet.py.
    """
    end = time.monotonic() + DEADLINE_SECONDS
    while True:
        wrong = namespace.wrong()
        before = len(proxy.writes)
        if not wrong:
            time.sleep(quiet)
            wrong = [f"still writes {each.path}" for each in proxy.writes[before:]]
            wrong += namespace.wrong()
        if not wrong or time.monotonic() > end:
            return wrong
        time.sleep(0.05)


def forget_lease(cluster: Cluster, namespace: str) -> None:
    """Spare a test the 15 s until a killed leader's lease runs out."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/kubia-operator"
    if cluster.find(path):
        cluster.call("DELETE", path)


def _kubeconfig(url: str, token_file: str, ca_file: str) -> str:
    user = {"tokenFile": token_file} if token_file else {}
    cluster = {"server": url, **({"certificate-authority": ca_file} if ca_file else {})}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": cluster}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
            "users": [{"name": "proxy", "user": user}],
        }
    )
