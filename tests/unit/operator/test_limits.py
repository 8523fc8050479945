"""How many sites a namespace may have, and which."""

import contextlib
from typing import Any

import pytest

from kubia.manifests.site_source import Source
from kubia.manifests.values import Object
from kubia.operator.api import CONFIG_MAP, CONTENT, DEPLOYMENT, ApiError
from kubia.operator.errors import RefusedError
from kubia.operator.limits import SiteLimit
from kubia.operator.model import SiteKey
from tests.unit.sites import SPACE, Sites, content_name


class _Counting(dict[SiteKey, Source]):
    """Counts how often somebody goes through all of it."""

    visits = 0

    def items(self) -> Any:
        self.visits += 1
        return super().items()


def _sites(*names: str) -> Sites:
    sites = Sites(sites_per_namespace=2)
    for name in names:
        sites.source(name)
    sites.see()
    return sites


def _has(sites: Sites, *names: str) -> list[bool]:
    """Reconcile sites in this order; return which there are then."""
    outcomes = []
    for name in names:
        with contextlib.suppress(RefusedError):
            sites.reconcile(name)
        outcomes.append(DEPLOYMENT.path(SPACE, name) in sites.server.objects)
    return outcomes


def test_the_oldest_have_the_places_in_whatever_order_they_come() -> None:
    sites = _sites("c", "b", "a")

    assert _has(sites, "a", "b", "c") == [False, True, True]


def test_the_refusal_says_how_many_there_are_and_what_to_do() -> None:
    sites = _sites("a", "b", "c")

    with pytest.raises(RefusedError) as error:
        sites.reconcile("c")

    assert str(error.value) == (
        "namespace web has 2 sites, and the operator allows 2; "
        "remove one, or have the operator's limit raised"
    )


def test_who_has_a_site_keeps_it_when_an_older_config_map_gains_the_label() -> None:
    sites = Sites(sites_per_namespace=2)
    sites.source("old", labelled="no")
    sites.source("a")
    sites.source("b")
    sites.run()
    path = next(path for path in sites.server.objects if path.endswith("/old"))
    created = sites.server.objects[path]["metadata"]["creationTimestamp"]
    sites.source("old")
    sites.server.objects[path]["metadata"]["creationTimestamp"] = created
    sites.source("b", "new content")
    sites.see()

    assert _has(sites, "old", "a", "b") == [False, True, True]
    restarted = Sites(sites.server, sites_per_namespace=2)
    restarted.see()
    assert _has(restarted, "old", "a", "b") == [False, True, True]


def test_a_lowered_limit_takes_no_site_away() -> None:
    sites = _sites("a", "b")
    sites.reconcile()
    lowered = Sites(sites.server, sites_per_namespace=1)
    sites.source("c")
    lowered.see()

    assert _has(lowered, "b", "a", "c") == [True, True, False]


def test_room_wakes_the_oldest_that_waits() -> None:
    sites = _sites("a", "b", "c", "d")
    assert _has(sites, "a", "b", "d", "c") == [True, True, False, False]

    sites.unlabel("a")
    sites.reconcile("a")

    assert sites.woken == [SiteKey(SPACE, "c")]
    assert _has(sites, "d", "c") == [False, True]


def test_what_waits_and_goes_is_not_woken() -> None:
    sites = _sites("a", "b", "c", "d")
    _has(sites, "a", "b", "c", "d")

    sites.unlabel("c")
    sites.reconcile("c")
    sites.unlabel("b")
    sites.reconcile("b")

    assert sites.woken == [SiteKey(SPACE, "d")]


def _change(sites: Sites, name: str, metadata: Object, **more: Any) -> None:
    path = CONFIG_MAP.path(SPACE, name)
    live = sites.server.objects[path]
    sites.server.put(path, {**live, "metadata": {**live["metadata"], **metadata}, **more})
    sites.see()


def test_what_was_invalid_when_there_was_room_lines_up_again_when_it_is_valid() -> None:
    sites = _sites("a", "b", "c", "d")
    _has(sites, "a", "b", "c", "d")
    _change(sites, "c", {}, data={"x": "y" * (2**20 + 1)})
    assert sites.store.sources[SiteKey(SPACE, "c")].problems

    sites.unlabel("a")
    sites.reconcile("a")
    assert _has(sites, "d") == [True]
    _change(sites, "c", {}, data={"index.html": "hi"})
    assert _has(sites, "c") == [False]
    sites.unlabel("b")
    sites.reconcile("b")

    assert sites.woken == [SiteKey(SPACE, "d"), SiteKey(SPACE, "c")]


def test_what_is_being_deleted_gets_no_place() -> None:
    sites = _sites("a", "b", "c", "d")
    _has(sites, "a", "b", "c", "d")
    _change(sites, "c", {"deletionTimestamp": "x", "finalizers": ["example.com/wait"]})

    sites.unlabel("a")
    sites.reconcile("a")

    assert sites.woken == [SiteKey(SPACE, "d")]


def test_what_is_being_deleted_when_the_operator_starts_has_no_place() -> None:
    sites = _sites("a", "b", "c")
    _change(sites, "a", {"deletionTimestamp": "x", "finalizers": ["example.com/wait"]})

    assert _has(sites, "a", "b", "c") == [False, True, True]


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"deletionTimestamp": "x", "finalizers": ["example.com/wait"]}},
        {"metadata": {}, "data": {"x": "y" * (2**20 + 1)}},
    ],
    ids=["deleted", "invalid"],
)
def test_who_can_no_longer_have_a_site_passes_the_place_on(change: Object) -> None:
    sites = _sites("a", "b", "c")
    sites.server.refused = {CONTENT.path(SPACE, content_name("a")): 403}
    with pytest.raises(ApiError):
        sites.reconcile("a")
    assert _has(sites, "b", "c") == [True, False]

    _change(sites, "a", **change)
    assert _has(sites, "a") == [False]

    assert sites.woken == [SiteKey(SPACE, "c")]
    assert _has(sites, "c") == [True]


def test_who_has_a_site_keeps_its_place_while_it_is_invalid() -> None:
    sites = _sites("a", "b", "c")
    _has(sites, "a", "b", "c")
    _change(sites, "a", {}, data={"x": "y" * (2**20 + 1)})

    assert _has(sites, "a", "c") == [True, False]
    assert sites.woken == []


def test_what_waits_and_is_made_again_waits_by_its_new_age() -> None:
    sites = _sites("a", "b", "c", "d")
    _has(sites, "a", "b", "c", "d")
    sites.unlabel("c")
    sites.reconcile("c")
    _change(sites, "c", {"creationTimestamp": "99999", "labels": {"kubia.io/site": "true"}})
    assert _has(sites, "c") == [False]

    sites.unlabel("a")
    sites.reconcile("a")

    assert sites.woken == [SiteKey(SPACE, "d")]


def test_who_came_and_went_takes_no_memory() -> None:
    sites = _sites("a")
    limit = SiteLimit(sites.store, 1, wake=lambda _: None)
    source = sites.store.sources[SiteKey(SPACE, "a")]
    for number in range(1000):
        with contextlib.suppress(RefusedError):
            limit.refuse(SiteKey(SPACE, f"s{number}"), source)
        limit.release(SiteKey(SPACE, f"s{number}"))

    assert sum(len(heap) for heap in limit._waiting.values()) < 200  # noqa: SLF001 - its memory


def test_a_decision_goes_through_all_sites_once_alone() -> None:
    sites = _sites(*(f"s{number}" for number in range(50)))
    limit = SiteLimit(sites.store, 40, wake=lambda _: None)
    sources = sites.store.sources = _Counting(sites.store.sources)
    for key in list(sources):
        with contextlib.suppress(RefusedError):
            limit.refuse(key, sources[key])
        limit.release(key)

    assert sources.visits == 1
