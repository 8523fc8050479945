"""kubia.releases.store: releases in the cluster, numbered, and only so many."""

import base64
import dataclasses
import random

import pytest

from kubia.apply.api import Api
from kubia.releases import release, store
from tests.unit.apiserver import Server
from tests.unit.releasing import DESIRED, SPACE
from tests.unit.releasing import release as a_release


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


def test_a_release_that_has_changed_is_written_again(api: Api) -> None:
    store.add(api, DESIRED, a_release(1))
    store.save(api, DESIRED, a_release(1, "undone"))

    assert store.load(api, DESIRED) == [a_release(1, "undone")]


def test_what_only_looks_like_a_release_is_left_out(api: Api, server: Server) -> None:
    store.add(api, DESIRED, a_release(1))
    server.objects[f"{SPACE}/secrets/shop-dev-release-1"]["data"] = {"release": "AAAA"}

    assert store.load(api, DESIRED) == []


def test_the_last_twenty_are_kept_and_the_last_good_one(api: Api) -> None:
    releases = [a_release(1), *(a_release(number, "failed") for number in range(2, 23))]
    for item in releases:
        store.add(api, DESIRED, item)

    store.prune(api, DESIRED, releases)

    assert [item.number for item in store.load(api, DESIRED)] == [1, *range(3, 23)]


def test_nothing_is_left_of_a_stack_that_is_forgotten(api: Api) -> None:
    store.add(api, DESIRED, a_release(1))
    store.forget(api, DESIRED)

    assert store.load(api, DESIRED) == []


def test_what_is_too_large_for_a_secret_is_left_out(api: Api) -> None:
    noise = base64.b64encode(random.Random(0).randbytes(1_200_000)).decode()
    large = dataclasses.replace(a_release(1), sites={"help": {"noise": noise}})
    assert len(release.encode(large)) > store.LIMIT

    store.add(api, DESIRED, large)

    (kept,) = store.load(api, DESIRED)
    assert kept == dataclasses.replace(large, sites=None)
    assert len(release.encode(kept)) < store.LIMIT
