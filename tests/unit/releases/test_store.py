"""kubia.releases.store: releases in the cluster, numbered, and only so many."""

import base64
import dataclasses
import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from kubia.apply.api import Api
from kubia.releases import release, store
from tests.unit import releasing
from tests.unit.apiserver import Server
from tests.unit.releasing import DESIRED, SPACE
from tests.unit.releasing import release as a_release

FIRST = f"{SPACE}/secrets/shop-dev-release-1"


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


@pytest.fixture(name="api")
def _api(server: Server) -> Api:
    return Api(server)  # type: ignore[arg-type]  # as much of a connection as is asked for


def test_releases_are_read_back_oldest_first(api: Api) -> None:
    releases = [a_release(number) for number in (10, 9, 1)]
    for item in releases:
        store.add(api, DESIRED, item)

    assert store.load(api, DESIRED) == releases[::-1]


def test_a_number_that_somebody_took_meanwhile_is_passed_over(api: Api, server: Server) -> None:
    store.add(api, DESIRED, a_release(1))
    added = store.add(api, DESIRED, a_release(1))

    assert added == dataclasses.replace(a_release(1), number=2)
    assert f"{SPACE}/secrets/shop-dev-release-2" in server.objects


def test_a_release_whose_answer_was_lost_has_no_twin(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "request", releasing.twice(server, "POST"))

    assert store.add(api, DESIRED, a_release(1)) == a_release(1)
    assert store.load(api, DESIRED) == [a_release(1)]


def test_a_release_that_has_changed_is_written_again(api: Api) -> None:
    store.add(api, DESIRED, a_release(1))
    store.save(api, DESIRED, a_release(1, "undone"))

    assert store.load(api, DESIRED) == [a_release(1, "undone")]


def test_what_only_looks_like_a_release_is_left_out(api: Api, server: Server) -> None:
    store.add(api, DESIRED, a_release(1))
    server.objects[f"{SPACE}/secrets/shop-dev-release-1"]["data"] = {"release": "AAAA"}

    assert store.load(api, DESIRED) == []


def test_a_copy_of_a_release_is_none_and_stays(api: Api, server: Server) -> None:
    store.add(api, DESIRED, a_release(1, "pending"))
    for name in ("backup", "shop-dev-release-1-old", "shop-test-release-1"):
        metadata = {**server.objects[FIRST]["metadata"], "name": name}
        copied = {**server.objects[FIRST], "metadata": metadata}
        server.objects[f"{SPACE}/secrets/{name}"] = copied
    store.save(api, DESIRED, a_release(1))

    assert store.load(api, DESIRED) == [a_release(1)]
    store.forget(api, DESIRED)
    left = {path.rpartition("/")[2] for path in server.objects if "/secrets/" in path}
    assert left == {"backup", "shop-dev-release-1-old", "shop-test-release-1"}


def test_a_release_whose_label_somebody_has_edited_is_still_that_one(
    api: Api, server: Server
) -> None:
    store.add(api, DESIRED, a_release(1))
    server.objects[FIRST]["metadata"]["labels"][store.LABEL] = "7"

    assert store.load(api, DESIRED) == [a_release(1)]


def packed(**changes: Any) -> bytes:
    """Return a release's bytes with other values in it."""
    values = json.loads(gzip.decompress(release.encode(a_release(2))))
    return gzip.compress(json.dumps({**values, **changes}).encode())


DAMAGED = {
    "cut": release.encode(a_release(2))[:60],
    "flipped": release.encode(a_release(2))[:-8] + bytes(8),
    "a list": gzip.compress(b"[]"),
    "null": gzip.compress(b"null"),
    "deep": gzip.compress(b"[" * 100_000),
    "no JSON": gzip.compress(b"\xff"),
    "a text as number": packed(number="2"),
    "another's number": packed(number=1),
    "an unknown outcome": packed(outcome="fine"),
    "a number as image": packed(images=[]),
    "a number of leaves": packed(leaves=2),
    "texts as leaves": packed(leaves=["1"]),
    "a text that it follows": packed(follows="1"),
    "numbers as diff": packed(diff=[1]),
    "an unknown field": packed(more=1),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_release_is_named_and_the_others_are_there(
    data: bytes, api: Api, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2, 3):
        store.add(api, DESIRED, a_release(number))
    secret = server.objects[f"{SPACE}/secrets/shop-dev-release-2"]
    secret["data"]["release"] = base64.b64encode(data).decode()

    assert [item.number for item in store.load(api, DESIRED)] == [1, 3]
    said = capsys.readouterr().err
    assert said.startswith(
        "release 2 cannot be read and is left out, for Secret shop/shop-dev-release-2 is damaged ("
    )
    assert said.endswith("): put it back from a backup, or delete it.\n")
    assert said.count("\n") == 1


def test_a_stack_goes_on_with_a_damaged_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = releasing.shop(tmp_path / "shop", monkeypatch)
    shop.up()
    shop.server.objects[f"{SPACE}/secrets/shop-dev-release-1"]["data"] = None

    shop.up()

    assert [(item.number, item.outcome) for item in shop.history()] == [(2, "deployed")]
    assert shop.up() == []


def test_the_last_twenty_are_kept_and_the_last_good_one() -> None:
    releases = [a_release(1), *(a_release(number, "failed") for number in range(2, 23))]

    assert store.surplus(releases) == {2}


def test_what_a_rollback_goes_to_is_kept_whatever_its_age() -> None:
    releases = [
        a_release(1),
        a_release(2),
        a_release(3),
        *(a_release(number, "failed") for number in range(4, 30)),
        a_release(30, digest="3"),
    ]

    assert store.surplus(releases) == {1, 3, *range(4, 11)}


def test_records_are_kept_as_far_as_they_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    releases = [a_release(number) for number in range(1, 11)]
    monkeypatch.setattr(store, "ALL", 5 * len(release.encode(releases[-1])))

    assert store.surplus(releases) == {1, 2, 3, 4, 5}


def test_only_the_named_releases_are_removed(api: Api) -> None:
    for number in (1, 2, 3):
        store.add(api, DESIRED, a_release(number))

    store.remove(api, DESIRED, {1, 3})

    assert [item.number for item in store.load(api, DESIRED)] == [2]


def test_nothing_is_left_of_a_stack_that_is_forgotten(api: Api) -> None:
    store.add(api, DESIRED, a_release(1))
    store.forget(api, DESIRED)

    assert store.load(api, DESIRED) == []


def noise(size: int) -> str:
    return base64.b64encode(random.Random(0).randbytes(size)).decode()


def test_what_is_too_large_for_a_secret_is_left_out() -> None:
    large = dataclasses.replace(a_release(1), sites={"help": {"noise": noise(1_200_000)}})
    assert len(release.encode(large)) > store.LIMIT

    assert store.fitting(large) == dataclasses.replace(large, sites=None)


@pytest.mark.parametrize("part", ["document", "diff", "images"])
def test_every_release_fits(part: str) -> None:
    whole = dataclasses.replace(a_release(1), document={"config": {}})
    values = {
        "document": {"config": {"big": noise(1_200_000)}},
        "diff": (noise(1_200_000),),
        "images": {"web": noise(1_200_000)},
    }
    large = dataclasses.replace(whole, **{part: values[part]})  # type: ignore[arg-type]

    assert len(release.encode(store.fitting(large))) <= store.LIMIT
    assert store.fitting(whole) == whole
