"""kubia.actions.doctor: what is looked at in a cluster, and what is said of it."""

import contextlib
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kubia.actions import doctor
from kubia.actions.doctor import doctor as look
from kubia.apply.api import Api
from kubia.errors import InvalidError, KubiaError
from kubia.session import Session
from tests.unit import releasing
from tests.unit.apiserver import Server
from tests.unit.releasing import Shop


class Cluster(Server):
    """Also says its version and the time, and who may do what."""

    minor, late, denied = "36", 0.0, ""

    def request(self, method: str, path: str, *rest: Any, **named: Any) -> Any:
        if path == "/version":
            return {"major": "1", "minor": self.minor, "gitVersion": f"v1.{self.minor}.0"}
        if path.endswith("selfsubjectreviews"):
            time = datetime.now(UTC) - timedelta(seconds=self.late)
            return {"metadata": {"creationTimestamp": time.isoformat()}}
        if path.endswith("selfsubjectaccessreviews"):
            asked = named["body"]["spec"]["resourceAttributes"]
            return {"status": {"allowed": asked["resource"] != self.denied}}
        return super().request(method, path, *rest, **named)


@pytest.fixture(name="cluster")
def _cluster() -> Cluster:
    return Cluster()


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> Shop:
    shop = releasing.shop(tmp_path, monkeypatch)
    shop.server = cluster
    return shop


def states(shop: Shop, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    look(lambda: shop.session, as_json=True, connect=shop.connect)
    return {item["name"]: item["state"] for item in json.loads(capsys.readouterr().out)}


def test_a_cluster_that_has_everything_passes(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = states(shop, capsys)
    assert {seen[name] for name in ("stack", "cluster", "clock", "rights", "images")} == {"ok"}


def test_what_fails_is_named_with_a_remedy(
    shop: Shop, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.minor, cluster.late, cluster.denied = "29+", 60.0, "deployments"
    assert not look(lambda: shop.session, as_json=False, connect=shop.connect)

    text = capsys.readouterr().out
    assert "! cluster   context fake, Kubernetes v1.29+.0" in text
    assert "update it to 1.30 or later" in text
    assert "60 s from the cluster's" in text
    assert "this user may not patch: Deployment in shop" in text


def test_what_asks_the_same_server_names_its_context(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextlib.contextmanager
    def unreachable(_context: str) -> Iterator[Any]:
        message = "no answer."
        raise KubiaError(message)
        yield

    assert not look(lambda: shop.session, as_json=False, connect=unreachable)
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in lines[-2:]] == [
        "! cluster context fake: no answer.",
        "→ `kubia --context fake kubectl cluster-info` asks the same server",
    ]


def test_a_stack_that_cannot_be_read_fails_in_its_own_words(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened() -> Session:
        raise InvalidError(["no such stack"])

    assert not look(opened, as_json=False, connect=shop.connect)
    assert "! stack     no such stack\n" in capsys.readouterr().out


def test_an_image_without_a_registry_must_be_on_a_node(shop: Shop, cluster: Cluster) -> None:
    declared = shop.engine.desired.manifests
    for name, state in (("docker.io/library/web:v1", "ok"), ("docker.io/library/x:1", "note")):
        cluster.put(
            "v1", "Node", "/api/v1/nodes/a", {"name": "a"}, status={"images": [{"names": [name]}]}
        )
        check = doctor.images(Api(cluster), tuple(declared))  # type: ignore[arg-type]
        assert check.state == state


def test_a_node_port_that_another_program_has_is_noted() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (taken,) = doctor.ports([f"http://127.0.0.1:{port}"])
    assert taken.state == "note"
    assert str(port) in taken.text
    assert list(doctor.ports(["http://10.9.8.7:30080"])) == []
