"""kubia.session: which engine keeps a stack, as the record in its cluster says."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubia.apply import applyset
from kubia.errors import InvalidError, KubiaError
from kubia.local import paths
from kubia.releases.record import UpOptions
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
        f"--engine pulumi: {KEEPER}: keep --engine kubectl, or go over by "
        "`kubia engine move --to pulumi --stack dev`."
    )


@pytest.mark.parametrize("engine", ["auto", "pulumi"])
def test_pulumi_takes_what_kubectl_never_had_or_has_deleted(shop: Shop, engine: str) -> None:
    assert opened(shop, engine).engine == "pulumi"
    shop.up()
    shop.engine.down(yes=True)

    assert opened(shop, engine).engine == "pulumi"


@pytest.mark.parametrize("engine", ["auto", "pulumi"])
def test_neither_engine_writes_while_the_stack_is_on_its_way_from_one_to_the_other(
    shop: Shop, engine: str
) -> None:
    shop.up()
    record = shop.server.objects["/api/v1/namespaces/shop/configmaps/shop-dev"]
    record["metadata"]["annotations"][applyset.MOVING_TO] = "pulumi"
    on_its_way = (
        "stack dev is on its way to the pulumi engine (so says ConfigMap shop/shop-dev): "
        "`kubia engine move --to pulumi --stack dev` goes on, "
        "`kubia engine move --to kubectl --stack dev` goes back."
    )
    commands: list[Callable[[], object]] = [
        lambda: opened(shop, engine),
        shop.up,
        lambda: shop.up(UpOptions(force_conflicts=True)),
        lambda: shop.engine.down(yes=True),
    ]

    for command in commands:
        with pytest.raises(KubiaError) as caught:
            command()
        assert str(caught.value) == on_its_way
    assert shop.server.writes == []
    assert opened(shop, engine, writes=False).stack.name == "dev"


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
