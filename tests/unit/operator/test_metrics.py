"""What the metrics say, and that the documentation names each of them."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from kubia.operator import metrics
from kubia.operator.api import CONFIG_MAP, DEPLOYMENT, SERVICE, Resource
from kubia.operator.model import ChildId, SiteKey
from kubia.operator.operator import Operator
from kubia.operator.settings import Settings
from tests.unit.sites import SPACE, Server, Sites

DOCS = Path(__file__).parents[3] / "docs/operator.md"


def _shown() -> dict[str, float]:
    samples = next(iter(metrics.SITES.collect())).samples
    return {sample.labels["state"]: sample.value for sample in samples}


def _sites(*names: str) -> Sites:
    """Return four sites, the named of which are made."""
    sites = Sites()
    for name in ("a", "b", "c", "d"):
        sites.source(name)
    sites.see()
    sites.reconcile(*names)
    sites.see()
    return sites


def _measured(sites: Sites, *, leading: bool = True, failing: tuple[str, ...] = ()) -> Any:
    """Return what an operator shows that knows these sites."""

    async def measure() -> None:
        api: Any = Server()
        operator = Operator(Settings(), api, None)
        operator.store = sites.store
        operator._leading = leading  # noqa: SLF001 - what an election says
        keys = [SiteKey(SPACE, name) for name in failing]
        operator._refused = dict.fromkeys(keys, "Invalid")  # noqa: SLF001 - as reconciles leave it
        operator.measure()

    asyncio.run(measure())
    return _shown()


def test_each_site_is_in_exactly_one_state() -> None:
    sites = _sites("a", "b", "c")
    for child_id, child in sites.store.children.items():
        if child_id.name == "b":
            sites.store.children[child_id] = child._replace(trouble="it does not come up")

    shown = _measured(sites, failing=("b", "c", "gone"))
    assert shown == {"up": 1, "not_up": 0, "refused": 2, "pending": 1}
    assert _measured(sites) == {"up": 2, "not_up": 1, "refused": 0, "pending": 1}


@pytest.mark.parametrize("resource", [DEPLOYMENT, SERVICE])
def test_a_site_without_a_service_or_with_other_content_is_pending(resource: Resource) -> None:
    sites = _sites("a", "b")
    child_id = ChildId(resource, SPACE, "b")
    child = sites.store.children[child_id]
    sites.store.children[child_id] = child._replace(satisfies="", mounted="b-0123456789")
    assert _measured(sites) == {"up": 1, "not_up": 0, "refused": 0, "pending": 3}

    del sites.store.children[child_id]
    assert _measured(sites) == {"up": 1, "not_up": 0, "refused": 0, "pending": 3}


def test_what_is_left_of_a_site_that_is_gone_is_none() -> None:
    sites = _sites("a", "b", "c", "d")
    for name in ("a", "b"):
        sites.store.remove(CONFIG_MAP, SPACE, name, 10**9)

    shown = _measured(sites, failing=("a",))
    assert shown == {"up": 2, "not_up": 0, "refused": 0, "pending": 0}


def test_a_watch_that_never_began_is_not_silent() -> None:
    async def test() -> set[str]:
        api: Any = Server()
        operator = Operator(Settings(namespaces=("forbidden",)), api, None)
        operator.scopes["forbidden"][0].started = True
        operator.measure()
        samples = next(iter(metrics.WATCH_AGE.collect())).samples
        return {each.labels["stream"] for each in samples if "forbidden" in each.labels["stream"]}

    assert asyncio.run(test()) == {"forbidden/configmaps kubia.io/site=true"}


def test_only_the_leader_reports_states() -> None:
    sites = _sites("a")

    assert _measured(sites)
    assert _measured(sites, leading=False, failing=("b",)) == {}


def test_the_documentation_names_every_metric_and_no_other() -> None:
    documented = set(re.findall(r"kubia_operator_[a-z_]+", DOCS.read_text(encoding="utf-8")))

    names = {re.sub("_(total|created|bucket|sum|count)$", "", name) for name in documented}
    families = {family.name for family in REGISTRY.collect()}
    assert names == {name for name in families if name.startswith("kubia_operator")}
