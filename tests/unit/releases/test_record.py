"""Releases: what is recorded, what is not, and what is refused afterwards."""

import dataclasses
import json
from pathlib import Path

import pytest

from kubia.actions import kubectl
from kubia.apply import execute
from kubia.errors import InvalidError, KubiaError
from kubia.releases import release, site_files, store, text
from kubia.releases.record import UpOptions
from kubia.releases.release import Release
from tests.unit.releasing import SPACE, Shop, shop

FIRST = f"{SPACE}/secrets/shop-dev-release-1"


@pytest.fixture(name="made")
def _made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return shop(tmp_path / "shop", monkeypatch)


def a_release(number: int, outcome: release.Outcome = "deployed", digest: str = "") -> Release:
    return Release(number, "2026-01-31T12:00:00Z", "me", "why", outcome, digest or str(number))


def test_an_up_records_what_it_declared(made: Shop) -> None:
    writes = made.up(UpOptions(cause="opening"))

    assert writes[-1] == f"apply {FIRST}"
    (found,) = kubectl.history(made.session)
    assert (found.number, found.who, found.cause) == (1, "a test", "opening")
    assert found.images == {"web": "web:v1"}
    assert found.document == made.session.stack.document
    assert found.sites == {"help": {"index.html": "aGVscCB2MQ=="}}
    assert found.diff[0] == "  + Namespace shop"
    labels = made.server.objects[FIRST]["metadata"]["labels"]
    assert labels == {
        "kubia.io/project": "shop",
        "kubia.io/stack": "dev",
        "kubia.io/release": "1",
    }


def test_an_unchanged_up_writes_nothing_and_records_nothing(made: Shop) -> None:
    made.up()

    assert made.up() == []
    assert made.states() == ["deployed"]


def test_the_cause_tells_the_changed_images(made: Shop) -> None:
    made.up()
    made.edit("web:v1", "web:v2")
    made.up()

    assert [item.cause for item in kubectl.history(made.session)] == [
        "first release",
        "web web:v1 → web:v2",
    ]


def test_a_failed_release_that_comes_up_later_counts_as_deployed(made: Shop) -> None:
    made.server.broken.add("web:v1")
    with pytest.raises(KubiaError):
        made.up()
    assert made.states() == ["failed"]
    made.server.broken.clear()
    web = made.server.objects["/apis/apps/v1/namespaces/shop/deployments/web"]
    web["status"] = {
        "observedGeneration": 9,
        "replicas": 1,
        "updatedReplicas": 1,
        "availableReplicas": 1,
    }

    assert f"apply {FIRST}" in made.up()
    assert made.states() == ["deployed"]
    assert made.up() == []


def test_what_fails_is_undone_on_request_and_refused_afterwards(made: Shop) -> None:
    made.up()
    made.server.broken.add("bad")
    made.edit("web:v1", "bad")
    (made.root / "help" / "index.html").write_text("help v2")

    with pytest.raises(KubiaError) as caught:
        made.up(UpOptions(undo_on_failure=True))

    assert str(caught.value) == (
        "Deployment shop/web did not roll out: no progress for None s (progressDeadlineSeconds)\n"
        "release 2 was undone: the cluster is at release 1 again; "
        "Pulumi.dev.yaml still declares what failed."
    )
    assert made.states() == ["deployed", "undone"]
    assert made.server.objects[f"{SPACE}/configmaps/help"]["data"] == {"index.html": "help v1"}
    assert "bad" in made.file.read_text()
    time = kubectl.history(made.session)[1].time
    with pytest.raises(KubiaError) as caught:
        made.up()
    assert str(caught.value) == (
        f"release 2 ({time}, web web:v1 → bad) declared exactly this and was undone: change the "
        "stack file (`kubia rollback --to 1` does), or bring it up all the same by --again."
    )
    made.server.broken.clear()
    made.up(UpOptions(allow_rejected=True))
    assert made.states() == ["deployed", "undone", "deployed"]
    assert made.up() == []


def test_a_first_release_cannot_be_undone(made: Shop) -> None:
    made.server.broken.add("web:v1")

    with pytest.raises(KubiaError) as caught:
        made.up(UpOptions(undo_on_failure=True))

    assert str(caught.value).endswith("nothing was undone: there is no earlier good release.")


def test_an_interrupted_up_is_recorded_as_failed(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    made.up()
    made.edit("web:v1", "web:v2")
    with monkeypatch.context() as patch:
        patch.setattr(execute, "apply", interrupted)
        with pytest.raises(KeyboardInterrupt):
            made.up()

    assert made.states() == ["deployed", "failed"]


def test_a_number_that_somebody_took_meanwhile_is_passed_over(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.up()
    made.edit("web:v1", "web:v2")
    monkeypatch.setattr(store, "load", lambda _api, _target: [])
    made.up()
    monkeypatch.undo()

    assert f"{SPACE}/secrets/shop-dev-release-2" in made.server.objects


def test_down_takes_the_releases_along(made: Shop) -> None:
    made.up()
    kubectl.down(made.session, yes=True)

    assert kubectl.history(made.session) == []


def test_the_last_twenty_are_kept_and_the_last_good_one(made: Shop) -> None:
    made.up()
    made.server.broken.add("bad")
    made.edit("web:v1", "bad")
    for number in range(21):
        made.file.write_text(made.file.read_text() + f"# {number}\n")
        (made.root / "help" / "index.html").write_text(str(number))
        with pytest.raises(KubiaError):
            made.up()

    assert [item.number for item in kubectl.history(made.session)] == [1, *range(3, 23)]


def test_a_release_is_written_the_same_each_time_and_read_back() -> None:
    one = dataclasses.replace(a_release(3), diff=("~ a",), rolled_back_to=1)

    assert release.encode(one) == release.encode(one)
    assert release.decode(release.encode(one)) == one


def test_what_is_too_large_for_a_secret_is_left_out(made: Shop) -> None:
    noise = "".join(chr(33 + (i * i * 7919 + i // 3) % 90) for i in range(100))
    text = "".join(str(hash((noise, i))) for i in range(150_000))
    (made.root / "help" / "index.html").write_text(text)
    made.up()

    (found,) = kubectl.history(made.session)
    assert found.sites is None
    assert len(release.encode(found)) < store.LIMIT


@pytest.mark.parametrize(
    ("outcomes", "back"),
    [
        (["deployed"], None),
        (["deployed", "deployed"], 1),
        (["deployed", "failed"], 1),
        (["deployed", "failed", "deployed"], 1),
        (["failed", "failed"], None),
        (["deployed", "deployed", "undone"], 2),
    ],
)
def test_where_a_rollback_goes_by_default(
    outcomes: list[release.Outcome], back: int | None
) -> None:
    releases = [a_release(number, outcome) for number, outcome in enumerate(outcomes, 1)]

    found = release.previous(releases)

    assert (found.number if found else None) == back


def test_a_rollback_passes_over_what_declared_the_same() -> None:
    releases = [a_release(1), a_release(2, digest="x"), a_release(3, digest="x")]

    assert release.previous(releases) == releases[0]
    assert release.previous([]) is None


def test_the_table_and_the_details() -> None:
    one = dataclasses.replace(
        a_release(1, "failed"), rolled_back_to=0, diff=("  ~ x",), images={"web": "web:v1"}
    )

    assert list(text.table([one])) == [
        "RELEASE  TIME                  OUTCOME                   WHO  CAUSE",
        "1        2026-01-31T12:00:00Z  failed, rolled back to 0  me   why",
    ]
    assert list(text.table([])) == ["no releases yet"]
    assert list(text.details(one)) == [
        "release:  1",
        "time:     2026-01-31T12:00:00Z",
        "outcome:  failed, rolled back to 0",
        "who:      me",
        "cause:    why",
        "declared: 1",
        "image:    web web:v1",
        "changes from the release before:",
        "  ~ x",
    ]
    told = json.loads(json.dumps(text.as_json(one)))
    assert told["state"] == "failed, rolled back to 0"
    assert "document" not in told


@pytest.mark.parametrize(
    ("directory", "name"), [("../other", "x"), ("/etc", "x"), (".", "x"), ("help", "../x")]
)
def test_what_a_release_names_outside_of_the_project_is_not_written(
    directory: str, name: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidError) as caught:
        site_files.restoring(tmp_path, {directory: {name: ""}})

    which = f"with the file '{name}' " if "/" in name else ""
    assert str(caught.value) == (
        f"the release names the site directory '{directory}' {which}outside of {tmp_path}: "
        "nothing is written there; put the files back by hand and run `kubia up`."
    )
