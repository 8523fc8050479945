"""Edits of a stack's files: shown, asked about, brought up or put back; comments stay."""

import sys
from pathlib import Path

import pytest
import typer

from kubia.actions.edit import Change, carry_out
from kubia.actions.rollback import rollback
from kubia.errors import InvalidError, KubiaError
from kubia.releases.record import UpOptions
from tests.unit import releasing
from tests.unit.releasing import STACK, Shop


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return releasing.shop(tmp_path / "shop", monkeypatch)


def answer(monkeypatch: pytest.MonkeyPatch, *, yes: bool) -> None:
    def confirm(*_args: object, **_more: object) -> None:
        if not yes:
            raise typer.Abort

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", confirm)


def back(shop: Shop, to: int | None = None, *, yes: bool = True) -> None:
    rollback(shop.engine, to, force_conflicts=False, yes=yes)


def released_twice(shop: Shop) -> str:
    shop.up()
    shop.edit("web:v1", "web:v2")
    (shop.root / "help" / "index.html").write_text("help v2")
    (shop.root / "help" / "more.html").write_text("more")
    shop.up()
    return shop.file.read_text()


def test_a_rollback_restores_the_stack_file_and_the_sites(shop: Shop) -> None:
    released_twice(shop)

    back(shop)

    assert shop.file.read_text() == STACK
    assert [path.name for path in (shop.root / "help").iterdir()] == ["index.html"]
    assert (shop.root / "help" / "index.html").read_text() == "help v1"
    assert shop.states() == ["deployed", "rolled back to 1", "deployed"]
    assert shop.history()[-1].cause == "rollback to 1"
    assert shop.up() == []


def test_what_was_rolled_back_from_is_refused_in_another_checkout(shop: Shop) -> None:
    released_twice(shop)
    back(shop)
    shop.edit("web:v1", "web:v2")
    (shop.root / "help" / "index.html").write_text("help v2")
    (shop.root / "help" / "more.html").write_text("more")

    with pytest.raises(KubiaError) as caught:
        shop.up()

    time = shop.history()[1].time
    assert str(caught.value) == (
        f"release 2 ({time}, web web:v1 → web:v2) declared exactly this and was rolled back to 1: "
        "change the stack file (`kubia rollback --to 3` does), or bring it up all the same by "
        "--again."
    )


def test_a_declined_rollback_leaves_everything_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = released_twice(shop)
    answer(monkeypatch, yes=False)
    shop.server.writes.clear()

    with pytest.raises(typer.Abort):
        back(shop, yes=False)

    assert shop.file.read_text() == before
    assert (shop.root / "help" / "index.html").read_text() == "help v2"
    assert (shop.root / "help" / "more.html").is_file()
    assert shop.server.writes == []
    assert sorted(path.name for path in shop.root.iterdir()) == [
        "Pulumi.dev.yaml",
        "Pulumi.yaml",
        "__main__.py",
        "help",
    ]


def test_an_accepted_rollback_is_brought_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    released_twice(shop)
    answer(monkeypatch, yes=True)

    back(shop, 1, yes=False)

    assert shop.states()[-1] == "deployed"
    assert shop.file.read_text() == STACK


def test_what_the_preview_refuses_is_put_back(shop: Shop) -> None:
    shop.up()
    document = {**shop.session.stack.document, "config": {"shop:contexts": ["fake"]}}

    with pytest.raises(KubiaError):
        carry_out(shop.engine, Change(document), UpOptions(), yes=True)

    assert shop.file.read_text() == STACK


def test_where_nobody_can_be_asked_yes_is_needed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)

    with pytest.raises(InvalidError) as caught:
        carry_out(shop.engine, Change({}), UpOptions(), yes=False)

    assert str(caught.value) == "there is no terminal to ask on: give --yes to go ahead."


def test_there_may_be_nothing_to_go_back_to(shop: Shop) -> None:
    shop.up()

    with pytest.raises(KubiaError) as caught:
        back(shop)
    assert str(caught.value) == (
        "there is no good release before the last one to go back to: `kubia history` shows all; "
        "name one by --to."
    )
    with pytest.raises(InvalidError) as invalid:
        back(shop, 7)
    assert str(invalid.value) == "there is no release 7: kept are 1."
