"""kubia.session: which engine keeps a stack, as the record in its cluster says."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubia.errors import InvalidError, KubiaError
from kubia.local import paths
from kubia.session import Session, open_session
from tests.unit import releasing
from tests.unit.releasing import Shop

KEEPER = "the kubectl engine keeps stack dev (its record is ConfigMap shop/shop-dev)"


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Lend a project on a machine that has Pulumi's CLI."""
    (tmp_path / "pulumi").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return releasing.shop(tmp_path / "shop", monkeypatch)


def opened(shop: Shop, engine: Any, *, writes: bool = True, connect: Any = None) -> Session:
    connect = connect or shop.connect
    return open_session(shop.root, "dev", engine, "fake", writes=writes, connect=connect)


@contextlib.contextmanager
def unreachable(_context: str) -> Iterator[Any]:
    message = "no cluster"
    raise KubiaError(message)
    yield


def test_auto_stays_with_kubectl_where_kubectl_brought_the_stack_up(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.up()
    capsys.readouterr()

    assert opened(shop, "auto").engine == "kubectl"
    assert capsys.readouterr().err.splitlines() == [
        f"{KEEPER}, so auto takes kubectl",
        "stack dev, engine kubectl, context fake",
    ]


def test_pulumi_is_refused_there(shop: Shop) -> None:
    shop.up()

    with pytest.raises(InvalidError) as caught:
        opened(shop, "pulumi")

    assert str(caught.value) == (
        f"--engine pulumi: {KEEPER}: keep --engine kubectl, or delete the stack by "
        "`kubia down --engine kubectl` before pulumi makes it anew."
    )


@pytest.mark.parametrize("engine", ["auto", "pulumi"])
def test_pulumi_takes_what_kubectl_never_had_or_has_deleted(shop: Shop, engine: str) -> None:
    assert opened(shop, engine).engine == "pulumi"
    shop.up()
    shop.engine.down(yes=True)

    assert opened(shop, engine).engine == "pulumi"


def test_no_cluster_is_asked_where_the_answer_changes_nothing(shop: Shop) -> None:
    assert opened(shop, "kubectl", connect=unreachable).engine == "kubectl"
    assert opened(shop, "pulumi", writes=False, connect=unreachable).engine == "pulumi"
    with pytest.raises(KubiaError):
        opened(shop, "auto", connect=unreachable)


@pytest.mark.parametrize("own", ["contexts: [{name: fake}]", "contexts: [{name: other}]", None])
def test_a_local_clusters_kubeconfig_stands_alone_unless_the_users_own_has_the_context(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: str | None
) -> None:
    users = tmp_path / "config"
    if own:
        users.write_text(own)
    monkeypatch.setenv("KUBECONFIG", str(users))
    monkeypatch.setenv("KUBIA_STATE", str(tmp_path / "state"))
    local = paths.layout("fake").kubeconfig
    local.parent.mkdir(parents=True)
    local.touch()

    opened(shop, "kubectl")

    assert os.environ["KUBECONFIG"] == str(users if own and "fake" in own else local)
