"""The control plane's own processes: killed, brought up again, and etcd made to forget."""

import json
import ssl
import urllib.request

from kubia.local import cluster as local
from kubia.local import paths, processes, settings
from kubia.manifests.values import Object

NAME = "kubia-operator-test"


class Servers:
    """The programs of the tests' own cluster."""

    def __init__(self) -> None:
        self._layout = paths.layout(NAME)
        chosen = settings.read(self._layout)
        assert chosen is not None
        self._etcd = f"https://127.0.0.1:{chosen.ports['etcd']}"

    def kill(self, *programs: str) -> None:
        """Kill programs of the control plane as a machine that fails would: with SIGKILL."""
        processes.kill(self._layout.processes, programs)

    def start(self) -> None:
        """Start what does not run; return once the API server serves."""
        local.up(NAME, "simulated")

    def compact(self) -> None:
        """Make etcd forget every version but the newest."""
        key = {"key": "Lw=="}  # The key "/" in base64: only the answer's header matters.
        newest = self._ask("/v3/kv/range", key)["header"]["revision"]
        self._ask("/v3/kv/compaction", {"revision": newest, "physical": True})

    def _ask(self, path: str, body: Object) -> Object:
        pki = self._layout.certificates
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(pki / "etcd.crt", pki / "etcd.key")
        request = urllib.request.Request(self._etcd + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, context=context, timeout=10) as response:
            answer: Object = json.load(response)
            return answer
