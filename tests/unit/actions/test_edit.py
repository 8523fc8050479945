"""Edits of a stack's files: shown, asked about, brought up or put back; comments stay."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from kubia.actions import strategy
from kubia.actions.edit import Change, carry_out
from kubia.actions.rollback import rollback
from kubia.apply.api import Api
from kubia.errors import InvalidError, KubiaError
from kubia.releases import store
from kubia.releases.record import UpOptions
from tests.unit import releasing
from tests.unit.apiserver import Server
from tests.unit.releasing import DESIRED, PROGRAM, STACK, Shop
from tests.unit.releasing import release as a_release


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
        "change the stack file (`kubia rollback --to 3 -s dev` does), or bring it up all the same "
        "by --again."
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


def test_nothing_is_written_before_the_user_agrees(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = released_twice(shop)
    seen: list[object] = []

    def confirm(*_args: object, **_more: object) -> None:
        seen.extend((shop.file.read_text(), (shop.root / "help" / "index.html").read_text()))
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", confirm)
    with pytest.raises(KeyboardInterrupt):
        back(shop, yes=False)

    assert seen == [before, "help v2"]


def files(shop: Shop) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in shop.root.rglob("*") if path.is_file()}


class Interrupting(Server):
    """Interrupts the write of a number once, before it is carried out."""

    left = 0
    before: Callable[[], None] = staticmethod(lambda: None)
    """What happens before that."""
    interrupts = True

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        """Answer, or not."""
        query = more.get("query") or (rest[0] if rest else None) or {}
        if method != "GET" and "dryRun" not in query:
            self.left -= 1
            if self.left == 0:
                self.before()
                if self.interrupts:
                    raise KeyboardInterrupt
        return super().request(method, path, *rest, **more)


@pytest.mark.parametrize("number", range(1, 7))
def test_a_rollback_that_is_interrupted_at_any_write_puts_the_files_back_or_counts(
    shop: Shop, number: int
) -> None:
    server = shop.server = Interrupting()
    released_twice(shop)
    before, states = files(shop), shop.states()
    server.writes.clear()
    server.left = number

    with contextlib.suppress(KeyboardInterrupt):
        back(shop)

    changed = [path for path in server.writes if "/secrets/" not in path]
    if shop.states()[2:] == ["deployed"]:
        assert shop.states() == ["deployed", "rolled back to 1", "deployed"]
        assert shop.file.read_text() == STACK
    elif changed or shop.states()[2:] == ["failed"]:
        assert shop.states() in ([*states, "failed"], [*states, "pending"])
        assert shop.file.read_text() == STACK
    else:
        assert (files(shop), shop.states()) == (before, states)
        assert changed == []
    back(shop, 1)
    assert shop.states()[1] == "rolled back to 1"
    assert shop.states()[-1] == "deployed"
    assert shop.file.read_text() == STACK


def test_a_release_that_is_no_good_one_is_gone_back_to_only_on_purpose(shop: Shop) -> None:
    released_twice(shop)
    back(shop)

    with pytest.raises(InvalidError) as caught:
        back(shop, 2)

    assert str(caught.value) == (
        "--to 2: release 2 is no good one, its state is 'rolled back to 1': good ones are 1, 3; "
        "go to it all the same by --again."
    )
    rollback(shop.engine, 2, force_conflicts=False, yes=True, again=True)
    assert shop.states() == ["deployed", "rolled back to 1", "rolled back to 2", "deployed"]


SECRETS = """\
encryptionsalt: v1:new
config:
  shop:contexts: [fake]
  shop:namespace: shop
  shop:secrets: {web: {TOKEN: new}}
  shop:services:
    web:
      image: web:v2
"""


def test_secrets_stay_as_they_are_unless_they_are_asked_for(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.file.write_text(SECRETS.replace("new", "old").replace("v2", "v1"))
    shop.up()
    shop.file.write_text(SECRETS)
    shop.up()
    capsys.readouterr()

    back(shop)

    assert "image: web:v1" in shop.file.read_text()
    assert "TOKEN: new" in shop.file.read_text()
    assert "encryptionsalt: v1:new" in shop.file.read_text()
    said = capsys.readouterr().err
    assert (
        "secrets stay as Pulumi.dev.yaml has them now, and not as the release had them: "
        "shop:secrets.web.TOKEN (--with-secrets takes the release's)\n"
    ) in said
    assert "the program has changed" not in said
    rollback(shop.engine, 1, force_conflicts=False, yes=True, with_secrets=True)
    assert "TOKEN: old" in shop.file.read_text()


def test_the_secrets_of_a_service_go_with_it(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.file.write_text(SECRETS)
    shop.up()
    shop.edit("{web: {TOKEN: new}}", "{web: {TOKEN: new}, till: {KEY: x}}")
    shop.edit("services:\n", "services:\n    till: {image: till:v1}\n")
    shop.up()

    back(shop)

    assert shop.file.read_text() == SECRETS
    assert "that the release had not go their secrets: shop:secrets.till\n" in (
        capsys.readouterr().err
    )


def test_the_secrets_of_tasks_stay(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = "  shop:jobs:\n    move: {}\n  shop:cronJobs:\n    backup: {}\n"
    secrets = "{web: {TOKEN: new}, move: {KEY: x}, backup: {KEY: y}}"
    text = SECRETS.replace("{web: {TOKEN: new}}", secrets) + tasks
    shop.file.write_text(text)
    shop.up()
    shop.edit("web:v2", "web:v3")
    shop.up()

    back(shop)

    assert shop.file.read_text() == text
    assert "secrets" not in capsys.readouterr().err


ONCE = """\
config:
  shop:contexts: [fake]
  shop:namespace: shop
  shop:web: {image: shop:v1}
  shop:secrets: {TOKEN: old}
"""
NOW = """\
config:
  shop:contexts: [fake]
  shop:namespace: shop
  shop:services: {shop: {image: shop:v2}}
  shop:secrets: {shop: {TOKEN: new}}
"""


def released_once(shop: Shop) -> None:
    """Release what is written as it was once, of a program that knew it so."""
    shop.file.write_text(ONCE)
    program = PROGRAM.replace(
        'config.require_object("services")', '{"shop": config.require_object("web")}'
    )
    (shop.root / "__main__.py").write_text(program)
    shop.up()
    (shop.root / "__main__.py").write_text(PROGRAM)
    shop.file.write_text(NOW)


def test_a_release_from_before_services_had_names_is_gone_back_to(shop: Shop) -> None:
    released_once(shop)
    shop.up()

    back(shop)
    config = yaml.safe_load(shop.file.read_text())["config"]
    assert config["shop:services"] == {"shop": {"image": "shop:v1"}}
    assert config["shop:secrets"] == {"shop": {"TOKEN": "new"}}
    rollback(shop.engine, 1, force_conflicts=False, yes=True, with_secrets=True)
    config = yaml.safe_load(shop.file.read_text())["config"]
    assert config["shop:secrets"] == {"shop": {"TOKEN": "old"}}


def test_a_failed_release_is_undone_to_one_from_before_services_had_names(shop: Shop) -> None:
    released_once(shop)
    shop.server.broken.add("shop:v2")
    with pytest.raises(KubiaError, match="release 2 was undone: the cluster is at release 1 again"):
        shop.up(UpOptions(undo_on_failure=True))
    live = shop.server.objects["/apis/apps/v1/namespaces/shop/deployments/shop"]
    assert live["spec"]["image"] == "shop:v1"


def test_what_neither_git_nor_a_release_has_is_kept_aside(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    released_twice(shop)
    shop.edit("web:v2", "web:not-yet")
    (shop.root / "help" / "index.html").write_text("help not yet")
    (shop.root / "help" / "more.html").unlink()
    declared = shop.file.read_text()

    back(shop)

    said = capsys.readouterr().err
    assert "neither git nor a release has these files as they are: Pulumi.dev.yaml, index.html" in (
        said
    )
    (kept,) = (shop.root / ".kubia").glob("2*")
    assert f"they are kept in {kept}" in said
    assert (kept / "Pulumi.dev.yaml").read_text() == declared
    assert (kept / "help" / "index.html").read_text() == "help not yet"
    assert "image: web:v1 " in shop.file.read_text()


def test_what_a_release_has_is_not_kept_aside(shop: Shop) -> None:
    released_twice(shop)

    back(shop)

    assert not (shop.root / ".kubia").exists()


def test_a_rollback_that_was_decided_on_an_older_history_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = released_twice(shop)

    def confirm(*_args: object, **_more: object) -> None:
        store.add(Api(shop.server), DESIRED, a_release(3))  # type: ignore[arg-type]

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", confirm)
    with pytest.raises(KubiaError) as caught:
        back(shop, yes=False)

    assert str(caught.value) == (
        "somebody else has changed the stack since this was planned, so nothing was changed: "
        "run the same again."
    )
    assert shop.file.read_text() == before


CHANGED = (
    "Pulumi.dev.yaml was changed by somebody else since it was read, so nothing was changed: run "
    "the same again."
)


def at_the_question(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen while the user is asked."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda *_args, **_more: act())


@pytest.mark.parametrize(
    "command",
    [
        lambda shop: back(shop, yes=False),
        lambda shop: strategy.pause(shop.engine, "web", yes=False),
    ],
    ids=["rollback", "pause"],
)
def test_an_edit_of_ones_own_meanwhile_is_not_lost(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, command: Callable[[Shop], None]
) -> None:
    released_twice(shop)
    at_the_question(monkeypatch, lambda: shop.edit("# the newest", "# mine"))
    shop.server.writes.clear()

    with pytest.raises(KubiaError) as caught:
        command(shop)

    assert str(caught.value) == CHANGED
    assert "image: web:v2  # mine" in shop.file.read_text()
    assert (shop.root / "help" / "index.html").read_text() == "help v2"
    assert shop.server.writes == []
    assert shop.states() == ["deployed", "deployed"]


def test_an_edit_that_was_decided_on_what_a_file_held_once_is_refused(shop: Shop) -> None:
    shop.up()
    engine = shop.engine
    shop.edit("web:v1", "web:v2")

    with pytest.raises(KubiaError) as caught:
        strategy.pause(engine, "web", yes=True)

    assert str(caught.value) == CHANGED
    assert shop.file.read_text() == STACK.replace("web:v1", "web:v2")


def test_an_edit_of_ones_own_while_it_is_brought_up_stays(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    server = shop.server = Interrupting()
    released_twice(shop)

    server.before = lambda: shop.edit("# the newest", "# mine")
    server.left = 2
    with contextlib.suppress(KeyboardInterrupt):
        back(shop)

    assert "# mine" in shop.file.read_text()
    assert "Pulumi.dev.yaml stays as it is: somebody else has changed it meanwhile\n" in (
        capsys.readouterr().err
    )


def test_an_edit_of_ones_own_in_the_last_moment_leaves_no_release(shop: Shop) -> None:
    server = shop.server = Interrupting()
    released_twice(shop)
    server.left, server.interrupts = 2, False  # the Lease is taken, and then the release recorded
    server.before = lambda: shop.edit("# the newest", "# mine")

    with pytest.raises(KubiaError) as caught:
        back(shop)

    assert str(caught.value) == CHANGED
    assert "image: web:v2  # mine" in shop.file.read_text()
    assert shop.states() == ["deployed", "deployed"]
