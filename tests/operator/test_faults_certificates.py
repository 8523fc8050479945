"""The API server gets another certificate, of the same authority or of another one."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kubia.local import certificates
from kubia.local.certificates import Subject
from tests.operator.cluster import Cluster, Namespace
from tests.operator.process import Operator, deviations
from tests.operator.proxy import Proxy
from tests.operator.scene import Scene

SERVER = Subject("server", "server", hosts=("127.0.0.1",))


@dataclass
class Gate:
    """A proxy that serves by a certificate which can be exchanged."""

    folder: Path
    tls: ssl.SSLContext
    proxy: Proxy

    @property
    def ca(self) -> Path:
        """Where the operator reads whom to trust."""
        return self.folder / "ca.crt"

    def issue(self, name: str) -> bytes:
        """Serve by a certificate of a new authority; return the authority's own."""
        pki = self.folder / name
        certificates.make(pki, [SERVER])
        self.tls.load_cert_chain(pki / "server.crt", pki / "server.key")
        return (pki / "ca.crt").read_bytes()

    def trust(self, *authorities: bytes) -> None:
        """Let these be trusted, as the kubelet does: no reader meets a half-written file."""
        draft = self.folder / "ca.new"
        draft.write_bytes(b"".join(authorities))
        draft.replace(self.ca)


@pytest.fixture(name="gate")
def _gate(cluster: Cluster, scene: Scene, tmp_path: Path) -> Iterator[Gate]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    gate = Gate(tmp_path, tls, Proxy(cluster.kubeconfig, tls))
    yield gate
    for operator in scene.operators:
        operator.end()
    gate.proxy.close()


@pytest.mark.parametrize("overlaps", [True, False])
def test_fault_24_the_servers_authority_is_another_one(
    scene: Scene, namespace: Namespace, gate: Gate, *, overlaps: bool
) -> None:
    """With an overlap clients learn of the new authority first; without, they are late."""
    first = gate.issue("first")
    gate.trust(first)
    operator = Operator(gate.folder, gate.proxy, namespace.name, ca_file=str(gate.ca))
    scene.operators.append(operator)
    operator.wait_leading()

    second = gate.issue("second")
    if overlaps:
        gate.trust(first, second)
    gate.proxy.cut()
    namespace.source("hello")
    if not overlaps:
        assert deviations_remain(namespace)
        gate.trust(second)

    assert deviations(namespace, gate.proxy) == []
    assert operator.running


def deviations_remain(namespace: Namespace) -> bool:
    """Whether the site is not there, as nobody can reach the server that it does not trust."""
    return namespace.wrong() != []
