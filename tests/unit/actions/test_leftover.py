"""kubia.actions.leftover: what a stack without a file left is known, shown and deleted."""

from pathlib import Path

import pytest

from kubia.actions import leftover
from kubia.errors import InvalidError, KubiaError
from tests.unit import releasing
from tests.unit.releasing import Shop

UNKNOWN = "stack 'dev' does not exist: there is no Pulumi.NAME.yaml in"


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return releasing.shop(tmp_path / "shop", monkeypatch)


def left(shop: Shop, context: str = "fake") -> leftover.Leftover | None:
    return leftover.of(shop.root, "dev", context, shop.connect)


def test_a_stack_with_a_file_has_left_nothing(shop: Shop) -> None:
    shop.up()

    assert left(shop) is None


def test_a_stack_that_never_was_is_unknown(shop: Shop) -> None:
    shop.file.unlink()

    with pytest.raises(InvalidError) as caught:
        left(shop)
    assert str(caught.value).startswith(UNKNOWN)


def test_what_was_left_is_shown_and_deleted_without_the_file(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(shop.server.objects)
    shop.up()
    shop.file.unlink()
    capsys.readouterr()

    one = left(shop)
    assert one is not None
    one.show(None, as_json=False)
    said = capsys.readouterr()
    assert said.out.splitlines()[1].endswith("first release")
    assert said.err == (
        "stack dev has no file any more: what it left in context fake is known from "
        "ConfigMap shop/shop-dev; `kubia down --stack dev --context fake` deletes it\n"
    )

    one.down(yes=True)
    assert set(shop.server.objects) == before
    with pytest.raises(InvalidError, match=UNKNOWN):
        left(shop)


def test_it_is_deleted_only_in_a_context_that_its_file_allowed(shop: Shop) -> None:
    shop.up()
    shop.file.unlink()
    one = left(shop, "other")
    assert one is not None

    with pytest.raises(KubiaError) as caught:
        one.down(yes=True)

    assert "may only touch fake" in str(caught.value)
    assert "/api/v1/namespaces/shop" in shop.server.objects


@pytest.mark.parametrize("whole", [False, True])
def test_what_others_have_in_its_namespace_stays_unless_that_is_to_go(
    shop: Shop,
    capsys: pytest.CaptureFixture[str],
    whole: bool,  # noqa: FBT001 - a parameter
) -> None:
    before = set(shop.server.objects)
    shop.up()
    theirs = "/api/v1/namespaces/shop/configmaps/theirs"
    shop.server.put("v1", "ConfigMap", theirs, {"name": "theirs", "namespace": "shop"})
    shop.file.unlink()
    one = left(shop)
    assert one is not None
    capsys.readouterr()

    one.down(yes=True, delete_namespace=whole)

    kept = set() if whole else {"/api/v1/namespaces/shop", theirs}
    assert set(shop.server.objects) == before | kept
    fate = "goes with" if whole else "is kept, for it holds"
    said = f"  ! Namespace shop {fate} what is not the stack's: ConfigMap theirs\n"
    assert said in capsys.readouterr().err
