"""kubia.releases.record: what is recorded, what is not, and what is refused afterwards."""

import random
from pathlib import Path
from typing import Any

import pytest

from kubia.actions.rollback import rollback
from kubia.apply.api import Api
from kubia.apply.connection import ApiError
from kubia.errors import KubiaError
from kubia.releases import lease, store
from kubia.releases.record import UpOptions
from tests.unit import releasing
from tests.unit.releasing import DESIRED, SPACE, Shop

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
FIRST = f"{SPACE}/secrets/shop-dev-release-1"


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return releasing.shop(tmp_path / "shop", monkeypatch)


def test_an_up_records_what_it_declared(shop: Shop) -> None:
    writes = shop.up(UpOptions(cause="opening"))

    assert writes[-1] == f"apply {FIRST}"
    (only,) = shop.history()
    assert (only.number, only.who, only.cause) == (1, "a test", "opening")
    assert only.images == {"web": "web:v1"}
    assert only.document == shop.session.stack.document
    assert only.sites == {"help": {"index.html": "aGVscCB2MQ=="}}
    assert only.diff[0] == "  + Namespace shop"
    labels = shop.server.objects[FIRST]["metadata"]["labels"]
    assert labels == {
        "kubia.io/project": "shop",
        "kubia.io/stack": "dev",
        "kubia.io/release": "1",
    }


def test_an_unchanged_up_writes_nothing_and_records_nothing(shop: Shop) -> None:
    shop.up()

    assert shop.up() == []
    assert shop.states() == ["deployed"]


def test_the_cause_tells_the_changed_images(shop: Shop) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.up()

    assert [item.cause for item in shop.history()] == [
        "first release",
        "web web:v1 → web:v2",
    ]


def test_a_failed_release_that_comes_up_later_counts_as_deployed(shop: Shop) -> None:
    shop.server.broken.add("web:v1")
    with pytest.raises(KubiaError):
        shop.up()
    assert shop.states() == ["failed"]
    shop.server.broken.clear()
    web = shop.server.objects["/apis/apps/v1/namespaces/shop/deployments/web"]
    web["status"] = {
        "observedGeneration": 9,
        "replicas": 1,
        "updatedReplicas": 1,
        "availableReplicas": 1,
    }

    assert f"apply {FIRST}" in shop.up()
    assert shop.states() == ["deployed"]
    assert shop.up() == []


def test_what_fails_is_undone_on_request_and_refused_afterwards(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.up()
    shop.server.broken.add("bad")
    shop.edit("web:v1", "bad")
    (shop.root / "help" / "index.html").write_text("help v2")

    with pytest.raises(KubiaError) as caught:
        shop.up(UpOptions(undo_on_failure=True))

    assert str(caught.value) == (
        "Deployment shop/web did not roll out: no progress for None s (progressDeadlineSeconds)\n"
        "release 2 was undone: the cluster is at release 1 again; "
        "Pulumi.dev.yaml still declares what failed."
    )
    assert shop.states() == ["deployed", "undone"]
    assert shop.server.objects[f"{SPACE}/configmaps/help"]["data"] == {"index.html": "help v1"}
    assert "bad" in shop.file.read_text()
    time = shop.history()[1].time
    with pytest.raises(KubiaError) as caught:
        shop.up()
    assert str(caught.value) == (
        f"release 2 ({time}, web web:v1 → bad) declared exactly this and was undone: change the "
        "stack file (`kubia rollback --to 1 -s dev` does), or bring it up all the same by --again."
    )
    capsys.readouterr()
    assert shop.engine.preview(force_conflicts=False, as_json=False)
    assert capsys.readouterr().err == f"  ! `kubia up` refuses this: {caught.value}\n"
    shop.server.broken.clear()
    shop.up(UpOptions(allow_rejected=True))
    assert shop.states() == ["deployed", "undone", "deployed"]
    assert shop.up() == []


def test_what_was_taken_back_and_is_asked_for_again_is_not_said_to_be_refused(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.up()
    rollback(shop.engine, None, force_conflicts=False, yes=True)
    capsys.readouterr()

    rollback(shop.engine, 2, force_conflicts=False, yes=True, again=True)

    assert "refuses" not in capsys.readouterr().err
    assert shop.states()[-1] == "deployed"


def test_an_undo_says_if_the_program_has_changed_since(shop: Shop) -> None:
    shop.up()
    program = shop.root / "__main__.py"
    program.write_text(program.read_text().replace('"replicas": 1', '"replicas": 2'))
    shop.server.broken.add("bad")
    shop.edit("web:v1", "bad")

    with pytest.raises(KubiaError) as caught:
        shop.up(UpOptions(undo_on_failure=True))

    assert str(caught.value).endswith(
        "\nrelease 2 was undone: the cluster is at the settings of release 1, but the program has "
        "changed since: what is declared differs; Pulumi.dev.yaml still declares what failed."
    )
    assert shop.server.objects[WEB]["spec"]["replicas"] == 2


def may_pause(shop: Shop) -> None:
    """Let the program declare a rollout paused as the stack file has it."""
    program = shop.root / "__main__.py"
    paused = '"replicas": 1, "paused": service["strategy"].get("paused", False)'
    program.write_text(program.read_text().replace('"replicas": 1', paused))


def test_going_back_to_a_release_that_was_paused_says_whose_pods_stay(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    may_pause(shop)
    shop.up()
    shop.edit("{type: Canary}", "{type: Canary, paused: true}")
    shop.up()
    assert "stay as they are" not in capsys.readouterr().err
    shop.edit("{type: Canary, paused: true}", "{type: Canary}")
    shop.edit("web:v1", "bad")
    shop.server.broken.add("bad")

    with pytest.raises(KubiaError) as caught:
        shop.up(UpOptions(undo_on_failure=True))

    assert (
        "the cluster is at release 2 again, where the rollout is paused: pods of Deployment "
        "shop/web stay as they are; Pulumi.dev.yaml still declares what failed."
    ) in str(caught.value)
    assert "! pods of Deployment shop/web stay as they are: its rollout is paused\n" in (
        capsys.readouterr().err
    )
    shop.server.broken.clear()
    shop.up(UpOptions(allow_rejected=True))
    before, states = shop.file.read_bytes(), shop.states()
    with pytest.raises(KubiaError) as refused:
        rollback(shop.engine, 2, force_conflicts=False, yes=True)
    assert str(refused.value) == (
        "release 2 was paused, so pods of Deployment shop/web would stay as they are, and nothing "
        "would be back: go to another by `kubia rollback --to N -s dev`, or declare its image "
        "without strategy.paused and `kubia up -s dev`."
    )
    assert (shop.file.read_bytes(), shop.states()) == (before, states)
    rollback(shop.engine, 1, force_conflicts=False, yes=True)
    assert shop.server.objects[WEB]["spec"]["image"] == "web:v1"


def test_a_release_is_gone_back_to_within_a_pause(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    may_pause(shop)
    shop.edit("{type: Canary}", "{type: Canary, paused: true}")
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.up()

    rollback(shop.engine, None, force_conflicts=False, yes=True)

    assert "! pods of Deployment shop/web stay as they are: its rollout is paused\n" in (
        capsys.readouterr().err
    )
    assert shop.states()[-1] == "deployed"


def test_what_fails_otherwise_than_by_its_rollout_is_not_undone_and_that_is_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    (shop.root / "help" / "index.html").write_text("help v2")
    refuse_web(shop, monkeypatch)
    with pytest.raises(ApiError):
        shop.up(UpOptions(undo_on_failure=True))

    assert shop.states() == ["deployed", "failed"]
    said = (
        "nothing was undone, for it is no rollout that failed: `kubia rollback -s dev` goes back.\n"
    )
    assert capsys.readouterr().err.endswith(said)


def refuse_web(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each write of the Deployment fail."""
    answer = shop.server.request

    def request(method: str, path: str, query: Any = None, *rest: Any, **more: Any) -> Any:
        if method == "PATCH" and path == WEB and "dryRun" not in (query or {}):
            raise ApiError(500, {"message": "a webhook does not answer"})
        return answer(method, path, query, *rest, **more)

    monkeypatch.setattr(shop.server, "request", request)


def test_no_rollback_is_advised_where_there_is_no_earlier_release(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_web(shop, monkeypatch)

    with pytest.raises(ApiError):
        shop.up(UpOptions(undo_on_failure=True))

    why = "there is no earlier good release"
    said = f"nothing was undone, for it is no rollout that failed: {why}.\n"
    assert capsys.readouterr().err.endswith(said)


def test_a_first_release_cannot_be_undone(shop: Shop) -> None:
    shop.server.broken.add("web:v1")

    with pytest.raises(KubiaError) as caught:
        shop.up(UpOptions(undo_on_failure=True))

    assert str(caught.value).endswith("nothing was undone: there is no earlier good release.")


def test_an_interrupted_up_is_recorded_as_failed(shop: Shop) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    (shop.root / "help" / "index.html").write_text("help v2")
    shop.server.interrupted.add(WEB)

    with pytest.raises(KeyboardInterrupt):
        shop.up()

    assert shop.states() == ["deployed", "failed"]


def test_an_up_that_is_interrupted_before_it_changes_anything_leaves_no_trace(shop: Shop) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.server.interrupted.add(f"{SPACE}/secrets/shop-dev-release-2")

    with pytest.raises(KeyboardInterrupt):
        shop.up()

    assert shop.states() == ["deployed"]
    assert shop.server.writes == []


def test_what_fails_without_a_change_is_not_undone(shop: Shop) -> None:
    shop.up()
    shop.edit("web:v1", "web:v2")
    shop.up()
    conditions = [{"reason": "ProgressDeadlineExceeded"}]
    shop.server.objects[WEB]["status"] = {"observedGeneration": 9, "conditions": conditions}
    shop.server.writes.clear()

    with pytest.raises(KubiaError) as caught:
        shop.up(UpOptions(undo_on_failure=True))

    assert str(caught.value).endswith("\nnothing was undone: this run has changed nothing.")
    assert shop.states() == ["deployed", "deployed"]
    assert shop.server.writes == []
    shop.server.broken.clear()


def test_what_declares_the_same_as_what_serves_is_not_undone(shop: Shop) -> None:
    shop.up()
    shop.server.objects[WEB]["spec"]["replicas"] = 7
    shop.server.broken.add("web:v1")

    with pytest.raises(KubiaError) as caught:
        shop.up(UpOptions(undo_on_failure=True, force_conflicts=True))

    assert str(caught.value).endswith("\nnothing was undone: release 1, which serves, is the same.")
    assert shop.states() == ["deployed", "failed"]
    shop.server.broken.clear()
    shop.server.objects[WEB]["spec"]["replicas"] = 7
    shop.up()


def lose_lease_at(shop: Shop, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Lease run out, by the clock, as soon as the object at `path` is written."""
    answer, now = shop.server.request, lease._now  # noqa: SLF001 - the clock that it goes by

    def request(method: str, asked: str, query: Any = None, *rest: Any, **more: Any) -> Any:
        if method != "GET" and asked == path and "dryRun" not in (query or {}):
            monkeypatch.setattr(lease, "_now", lambda: now() + 1000)
        return answer(method, asked, query, *rest, **more)

    monkeypatch.setattr(shop.server, "request", request)


@pytest.mark.parametrize("image", ["web:v2", "bad"])
@pytest.mark.parametrize("options", [UpOptions(), UpOptions(undo_on_failure=True)])
def test_who_has_lost_the_lease_writes_nothing_in_the_ledger(
    image: str, options: UpOptions, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.up()
    shop.server.broken.add("bad")
    shop.edit("web:v1", image)
    lose_lease_at(shop, WEB, monkeypatch)

    with pytest.raises(KubiaError, match=r"could not be renewed|did not roll out"):
        shop.up(options)

    assert shop.states() == ["deployed", "pending"]


def test_a_down_that_has_lost_the_lease_forgets_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.up()
    record = f"{SPACE}/configmaps/shop-dev"
    others = {"name": "theirs", "namespace": "shop"}
    shop.server.put("v1", "ConfigMap", f"{SPACE}/configmaps/theirs", others)
    lose_lease_at(shop, record, monkeypatch)

    with pytest.raises(KubiaError, match="somebody else may be changing stack dev by now"):
        shop.engine.down(yes=True)

    assert record not in shop.server.objects
    assert FIRST in shop.server.objects


def test_a_release_that_is_too_large_is_told_of_before_anything_is_applied(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store, "LIMIT", 1000)
    noise = "".join(random.Random(0).choices("abcdefghij", k=9000))
    shop.edit("help: {directory: help}", f"big: {{content: {{index.html: {noise}}}}}")

    shop.up()

    lines = capsys.readouterr().err.splitlines()
    sentence = (
        "release 1 is too large for its Secret, and recorded without the stack file's content: "
        "keep that in version control, for a rollback to it cannot put it back"
    )
    assert lines.index(sentence) < lines.index("  Deployment shop/web: created")
    assert shop.states() == ["deployed"]
    shop.edit("web:v1", "web:v2")
    shop.up()
    with pytest.raises(KubiaError) as caught:
        rollback(shop.engine, 1, force_conflicts=False, yes=True)
    assert str(caught.value) == (
        "release 1 was recorded without the stack file's content, which was too large: put the "
        "file back from version control and run `kubia up`."
    )


def test_down_takes_the_releases_along(shop: Shop) -> None:
    shop.up()
    shop.engine.down(yes=True)

    assert shop.history() == []


def test_an_up_leaves_the_last_twenty_and_the_last_good_one(shop: Shop) -> None:
    shop.up()
    api = Api(shop.server)  # type: ignore[arg-type]  # as much of a connection as is asked for
    for number in range(2, 22):
        store.add(api, DESIRED, releasing.release(number, "failed"))
    shop.server.broken.add("bad")
    shop.edit("web:v1", "bad")

    with pytest.raises(KubiaError):
        shop.up()

    assert [item.number for item in shop.history()] == [1, *range(3, 23)]
