"""kubia.operator.throttle: not too many rollouts of a site, and not too many sites at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import looptime
import pytest

from kubia.manifests.site_source import SiteOptions, Source
from kubia.operator.api import DEPLOYMENT
from kubia.operator.model import Child, ChildId, SiteKey, fingerprint
from kubia.operator.store import Store
from kubia.operator.throttle import MAX_ROLLOUTS, ROLL_SECONDS, Throttle

NEW, OLD, FORMER = "content-new", "content-old", "content-new-without-validators"


class Sites:
    """Sites whose Deployments all differ from what they should be."""

    def __init__(self, mounted: str) -> None:
        self.store = Store(SiteOptions())
        self.throttle = Throttle(self.store)
        self._mounted = mounted

    def waits(self, name: str) -> bool:
        """Whether the site's Deployment must not be changed yet."""
        if self._child(name) not in self.store.children:
            self.see(name, "")
        return self.throttle.must_wait(SiteKey("web", name), self._source(name))

    def give_up(self, name: str) -> None:
        """Have the site's Deployment refused."""
        self.throttle.give_up(self._child(name))

    def see(self, name: str, satisfies: str | None = None) -> None:
        """Take in the Deployment, by default as it should be and up."""
        right = fingerprint(DEPLOYMENT, self._source(name))
        self.store.children[self._child(name)] = Child(
            key=SiteKey("web", name),
            uid="u",
            version=1,
            owner="",
            applied=True,
            satisfies=right if satisfies is None else satisfies,
            generation_hash=1,
            settled=True,
            mounted=self._mounted,
        )

    def _child(self, name: str) -> ChildId:
        return ChildId(DEPLOYMENT, "web", name)

    def _source(self, name: str) -> Source:
        return Source(
            "web",
            name,
            f"u-{name}",
            1,
            "",
            deleting=False,
            content_name=NEW,
            former_name=FORMER,
            has_index=True,
        )


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on a clock that passes in no time."""
    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(start=0)) as runner:
        runner.run(test)


def test_new_content_goes_out_at_once_to_however_many_sites() -> None:
    async def test() -> None:
        sites = Sites(mounted=OLD)
        assert not any(sites.waits(f"s{number}") for number in range(3 * MAX_ROLLOUTS))

    run(test())


def test_a_site_that_has_just_rolled_waits_and_no_longer_than_it_must() -> None:
    async def test() -> None:
        sites = Sites(mounted=OLD)
        sites.throttle.record(SiteKey("web", "hello"))
        assert sites.waits("hello")
        assert not sites.waits("other")
        await asyncio.sleep(ROLL_SECONDS + 0.1)
        assert not sites.waits("hello")

    run(test())


@pytest.mark.parametrize("mounted", [NEW, FORMER], ids=["another image", "first validators"])
def test_without_new_content_a_few_sites_roll_and_the_next_when_those_are_up(mounted: str) -> None:
    async def test() -> None:
        sites = Sites(mounted=mounted)
        waiting = [sites.waits(f"s{number}") for number in range(MAX_ROLLOUTS + 1)]
        assert waiting == [*[False] * MAX_ROLLOUTS, True]
        sites.see("s0")
        assert not sites.waits(f"s{MAX_ROLLOUTS}")

    run(test())


def test_a_site_that_never_comes_up_stops_the_others_for_a_minute_at_most() -> None:
    async def test() -> None:
        sites = Sites(mounted=NEW)
        assert not any(sites.waits(f"s{number}") for number in range(MAX_ROLLOUTS))
        await asyncio.sleep(59)
        assert sites.waits("another")
        await asyncio.sleep(2)
        assert not sites.waits("another")

    run(test())


def test_a_site_that_cannot_roll_gives_its_place_to_the_next() -> None:
    async def test() -> None:
        sites = Sites(mounted=NEW)
        assert not any(sites.waits(f"s{number}") for number in range(MAX_ROLLOUTS))
        await asyncio.sleep(30)
        sites.give_up("s0")
        assert not sites.waits("another")
        assert sites.waits("s0")
        sites.give_up("another")
        assert not sites.waits("s0")
        await asyncio.sleep(40)  # Its time is counted anew; that of the others is over.
        waiting = [sites.waits(f"t{number}") for number in range(MAX_ROLLOUTS)]
        assert waiting == [*[False] * (MAX_ROLLOUTS - 1), True]

    run(test())


def test_a_site_as_it_should_be_never_waits() -> None:
    async def test() -> None:
        sites = Sites(mounted=NEW)
        sites.throttle.record(SiteKey("web", "hello"))
        sites.see("hello")
        assert not sites.waits("hello")

    run(test())
